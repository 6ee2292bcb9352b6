import type { ApplicationSetSpec } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { compileText, type JsonTemplate, tagsOf } from '@flotilla/templating';
import { describeUntyped, isTextualElement } from '../generator/list.generator.js';
import { documentOf, type Expansion } from './expansion.js';

/** `| default` is evaluated though Argo CD would print it: say so once per tag. */
export function warnOfDefaults(template: JsonTemplate): string[] {
  const tags = template.uses.map(({ tag }) => tag).filter(({ fallback }) => fallback !== undefined);
  return tags.map(
    ({ name, fallback }) =>
      `\`| default\` needs spec.goTemplate: true and {{ .${name} | default ${JSON.stringify(fallback)} }}; it is evaluated as written`,
  );
}

/** Booleans and numbers can only be text in a plain template; ours are turned back, and `automated` deserves a word. */
export function warnOfTypedLeaves(template: JsonTemplate, applications: Expansion['applications']): string[] {
  if (template.typed.length === 0) return [];
  const warnings = template.typed.map(
    ({ path, type }) =>
      `spec.template.${path} must be a ${type}; its text is turned into one after substitution, strict Argo CD refuses it`,
  );
  if (!hasTypedAutomation(template)) return warnings;
  if (applications.length === 0) {
    return [
      ...warnings,
      'automated is present, so every application syncs automatically; template automated.enabled or drop automated with templatePatch',
    ];
  }
  const names = applications.filter((application) => isAutomatedInName(documentOf(application).spec)).map(({ name }) => name);
  if (names.length === 0) return warnings;
  const [tag] = template.uses.filter(({ path }) => path.startsWith('spec.syncPolicy.automated.')).map((use) => use.tag.raw.trim());
  const shown = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
  return [
    ...warnings,
    `automated is present, so ${shown} still ${names.length === 1 ? 'syncs' : 'sync'} automatically; ` +
      `set automated.enabled: '{{${tag}}}' or drop automated with templatePatch`,
  ];
}

/** The remark on such a template names applications, so it takes all of them to make. */
export function hasTypedAutomation({ typed }: JsonTemplate): boolean {
  return typed.some(({ path }) => path.startsWith('spec.syncPolicy.automated.'));
}

function isAutomatedInName(spec: unknown): boolean {
  const policy = isObject(spec) && isObject(spec.syncPolicy) ? spec.syncPolicy.automated : undefined;
  return isObject(policy) && policy.enabled === undefined && policy.prune !== true && policy.selfHeal !== true;
}

/** Parameters of list elements that neither the template nor another generator mentions. */
export function warnOfUnusedElements(spec: ApplicationSetSpec): string[] {
  const used = new Set(mentionedNames(spec));
  return listsIn(spec.generators, 'generators').flatMap(({ elements }) => {
    const names = [...new Set(elements.flatMap((element) => (isObject(element) ? Object.keys(element) : [])))];
    const idle = names.filter((name) => ![...used].some((mention) => mention === name || mention.startsWith(`${name}.`)));
    if (idle.length === 0) return [];
    return [
      `element ${idle.length === 1 ? 'parameter' : 'parameters'} ${idle.join(', ')} ${idle.length === 1 ? 'is' : 'are'} not used by the template`,
    ];
  });
}

/** List elements that strict Argo CD refuses in plain templates, in the words of the generator. */
export function warnOfUntypedElements(spec: ApplicationSetSpec): string[] {
  return listsIn(spec.generators, 'generators').flatMap(({ path, elements }) => {
    const untyped = elements.flatMap((element) => (isObject(element) ? Object.entries(element) : []));
    const names = new Set(untyped.filter(([name, value]) => !isTextualElement(name, value)).map(([name]) => name));
    return names.size === 0 ? [] : [describeUntyped(path, names)];
  });
}

function mentionedNames(node: unknown): string[] {
  if (typeof node === 'string') return node.includes('{{') ? tagsOf(compileText(node)).map(({ name }) => name) : [];
  if (Array.isArray(node)) return node.flatMap(mentionedNames);
  if (!isObject(node)) return [];
  const selector = isObject(node.selector) ? selectorKeys(node.selector) : [];
  return [...selector, ...Object.entries(node).flatMap(([key, member]) => [...mentionedNames(key), ...mentionedNames(member)])];
}

function selectorKeys(selector: Record<string, unknown>): string[] {
  const labels = isObject(selector.matchLabels) ? Object.keys(selector.matchLabels) : [];
  const expressions = Array.isArray(selector.matchExpressions) ? selector.matchExpressions : [];
  return [
    ...labels,
    ...expressions.flatMap((expression) => (isObject(expression) && typeof expression.key === 'string' ? [expression.key] : [])),
  ];
}

function listsIn(node: unknown, path: string): { path: string; elements: unknown[] }[] {
  if (Array.isArray(node)) return node.flatMap((entry, i) => listsIn(entry, `${path}[${i}]`));
  if (!isObject(node)) return [];
  const own = isObject(node.list) && Array.isArray(node.list.elements) ? [{ path: `${path}.list`, elements: node.list.elements }] : [];
  return [...own, ...Object.entries(node).flatMap(([key, member]) => listsIn(member, `${path}.${key}`))];
}

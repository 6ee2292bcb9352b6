import type { ApplicationSet } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { compileGoJson, compileText, type TagUse, TemplateError, tagsOf } from '@flotilla/templating';
import { applicationDocuments, compileApplicationTemplate } from '../expand/application-template.js';

/** A parameter that a template names, with the fields that do. */
export interface NamedParameter {
  name: string;
  fields: string[];
  fallback?: string;
}

export interface TemplateUses {
  /** By first use. */
  parameters: NamedParameter[];
  /** Whether some text takes all of the data at once, so that nothing can be called unused. */
  takesAll: boolean;
}

/** What the template of a generator, and the set's patch, name. */
export function usesOfTemplate(template: unknown, set: ApplicationSet): TemplateUses {
  const { full } = applicationDocuments(template, set);
  if (!set.spec.goTemplate) return { parameters: grouped(compileApplicationTemplate(template, set).document.uses), takesAll: false };
  const { templatePatch } = set.spec;
  const document = { ...(full as object), ...(templatePatch ? { 'spec.templatePatch': templatePatch } : {}) };
  return { parameters: grouped(compileGoJson(document).uses), takesAll: textsOf(document).some(takesAll) };
}

/** Names that the generators of a set mention: in tags, in selectors and as merge keys. */
export function mentionsOfGenerators({ spec }: ApplicationSet): { names: Set<string>; takesAll: boolean } {
  const texts = textsOf(spec.generators).filter((text) => text.includes('{{'));
  const names = new Set(texts.flatMap((text) => namesIn(text, spec.goTemplate === true)));
  for (const name of keysOf(spec.generators)) names.add(name);
  return { names, takesAll: spec.goTemplate === true && texts.some(takesAll) };
}

function grouped(uses: readonly TagUse[]): NamedParameter[] {
  const byName = new Map<string, NamedParameter>();
  for (const { tag, path } of uses) {
    if (tag.name === '') continue;
    const known = byName.get(tag.name);
    if (!known) byName.set(tag.name, { name: tag.name, fields: [path], ...(tag.fallback === undefined ? {} : { fallback: tag.fallback }) });
    else if (!known.fields.includes(path)) known.fields.push(path);
  }
  return [...byName.values()];
}

/** `{{ . }}`, `{{ toJson $ }}` and the like; inside a `range` the dot is less, but who could tell. */
const takesAll = (text: string): boolean => (text.match(/\{\{.*?\}\}/gs) ?? []).some((action) => /[\s({|][.$](?=[\s)}|])/.test(action));

/** The parameters a text of the set names; none of one that cannot be read, which the expansion has refused. */
export function namesIn(text: string, isGo: boolean): string[] {
  if (!text.includes('{{')) return [];
  return [...new Set(isGo ? goNames(text) : plainNames(text))];
}

function goNames(text: string): string[] {
  try {
    return [...compileGoJson({ text }).names];
  } catch (error) {
    if (error instanceof TemplateError) return [];
    throw error;
  }
}

function plainNames(text: string): string[] {
  return tagsOf(compileText(text)).map(({ name }) => name);
}

function textsOf(node: unknown): string[] {
  if (typeof node === 'string') return [node];
  if (Array.isArray(node)) return node.flatMap(textsOf);
  return isObject(node) ? Object.entries(node).flatMap(([key, member]) => [key, ...textsOf(member)]) : [];
}

/** Parameters that selectors and merges go by. */
function keysOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(keysOf);
  if (!isObject(node)) return [];
  const { selector, mergeKeys } = node;
  const labels = isObject(selector) && isObject(selector.matchLabels) ? Object.keys(selector.matchLabels) : [];
  const expressions = isObject(selector) && Array.isArray(selector.matchExpressions) ? selector.matchExpressions : [];
  const keys = expressions.flatMap((expression) => (isObject(expression) ? [String(expression.key)] : []));
  const merged = Array.isArray(mergeKeys) ? mergeKeys.map(String) : [];
  return [...labels, ...keys, ...merged, ...Object.values(node).flatMap(keysOf)];
}

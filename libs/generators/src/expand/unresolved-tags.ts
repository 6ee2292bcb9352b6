import type { JsonTemplate, TagUse } from '@flotilla/templating';
import { namesOf, type ParamSet } from '../params/params.js';
import { isStrictPath } from './application-template.js';
import type { SlotValues } from './slot-values.js';

/** A tag in a field that decides what is deployed where, without a value. */
export interface UnresolvedTag {
  use: TagUse;
  /** What it would print: the tag itself, or a value that holds another one. */
  text: string;
}

/** Strict uses of one template with the index of their value, found once. */
export function strictUses(template: JsonTemplate): { use: TagUse; index: number }[] {
  return template.uses.filter(({ path }) => isStrictPath(path)).map((use) => ({ use, index: template.names.indexOf(use.tag.name) }));
}

/** A value that itself holds a tag (a generator's `values` that referred to nothing) is unresolved as well. */
export function unresolvedTags(strict: readonly { use: TagUse; index: number }[], values: SlotValues): UnresolvedTag[] {
  return isComplete(strict, values) ? NOTHING : strict.flatMap((one) => unresolvedTag(one.use, values.texts[one.index]));
}

const NOTHING: UnresolvedTag[] = [];

function isComplete(strict: readonly { index: number }[], { tagged, texts }: SlotValues): boolean {
  if (tagged) return false;
  for (let i = 0; i < strict.length; i++) if (texts[strict[i]!.index] === undefined) return false;
  return true;
}

function unresolvedTag(use: TagUse, value: string | undefined): UnresolvedTag[] {
  if (value === undefined) return use.tag.fallback === undefined ? [{ use, text: `{{${use.tag.raw.trim()}}}` }] : [];
  const inner = /\{\{.*?\}\}/.exec(value);
  return inner ? [{ use, text: inner[0] }] : [];
}

/** Names tags, fields, the file or cluster that lacks them, and near misses such as a list's `environments.0.name`. */
export function describeUnresolved(tags: readonly UnresolvedTag[], set: ParamSet): string {
  const texts = [...new Set(tags.map(({ text }) => text))];
  const origin = set.origins.map(
    ({ file, cluster, element, generator }) => file ?? cluster ?? (element === undefined ? generator : `${generator}.elements[${element}]`),
  );
  const known = namesOf(set);
  const fields = [...new Set(tags.map(({ use }) => use.path))];
  const verb = texts.length === 1 ? 'is' : 'are';
  return `${join(texts)} ${verb} not produced by ${join([...new Set(origin)])}${explain(tags, known)} (used in ${fields.join(', ')})`;
}

function explain(tags: readonly UnresolvedTag[], known: readonly string[]): string {
  const lists = new Map<string, string[]>();
  for (const { use } of tags) {
    for (const name of known) {
      const item = /^(.+)\.(\d+)\.(.+)$/.exec(name);
      if (!item || !isNear(use.tag.name, item[1]!, item[3]!)) continue;
      lists.set(item[1]!, [...(lists.get(item[1]!) ?? []), name]);
    }
  }
  const [entry] = lists;
  if (!entry) return '';
  const [list, names] = entry;
  const examples = [...new Set(names)].filter((name) => name.startsWith(`${list}.0.`));
  return (
    `, which has ${join(examples.length > 0 ? examples : names.slice(0, 3))} \u2014 set goTemplate: true and use a matrix of the git files with ` +
    `list.elementsYaml: '{{ .${list} | toJson }}'`
  );
}

/** `environment` is near `environments.0.name`, and `cluster.url` near `environments.0.cluster.url`. */
function isNear(tag: string, list: string, field: string): boolean {
  const singular = list.slice(list.lastIndexOf('.') + 1).replace(/s$/, '');
  return field === tag || (tag === singular && field === 'name') || tag === `${singular}.${field}`;
}

function join(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

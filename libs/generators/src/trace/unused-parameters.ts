import { isObject } from '@flotilla/kernel';
import type { ParamSet, Params } from '../params/params.js';
import { leavesOf } from './find-parameter.js';
import { isPathName, type SourceLocator } from './locate-source.js';
import type { UnusedParameter } from './set-trace.js';

/** Names of one element or file looked at; more are left out. */
const MAX_NAMES = 2_000;

/**
 * Parameters that people wrote (elements, files, `values`) and nothing names. What a generator adds by itself, such as paths and
 * cluster labels, is nobody's mistake.
 */
export function unusedParameters(sets: readonly ParamSet[], mentioned: ReadonlySet<string>, locator: SourceLocator): UnusedParameter[] {
  /** By generator, then name; a name that is used is remembered too, as thousands of sets share it. */
  const verdicts = new Map<string, Map<string, UnusedParameter | 'used'>>();
  for (const leaf of new Set(sets.flatMap(leavesOf))) {
    const generator = leaf.origins[0]?.generator ?? '';
    const names = verdicts.get(generator) ?? new Map<string, UnusedParameter | 'used'>();
    verdicts.set(generator, names);
    for (const name of writtenNames(leaf, generator.slice(generator.lastIndexOf('.') + 1))) {
      const known = names.get(name);
      if (known === 'used') continue;
      if (known) known.sets++;
      else names.set(name, isMentioned(name, mentioned) ? 'used' : { name, sets: 1, source: locator.locate(leaf, name) });
    }
  }
  return [...verdicts]
    .sort(byFirst)
    .flatMap(([, names]) => [...names].sort(byFirst).flatMap(([, verdict]) => (verdict === 'used' ? [] : [verdict])));
}

const byFirst = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

function writtenNames(leaf: ParamSet, kind: string): string[] {
  const names = leaf.layers.flatMap((layer) => flatNames(layer)).slice(0, MAX_NAMES);
  const isWritten = (name: string): boolean => {
    if (kind === 'list') return true;
    if (kind === 'git') return !isPathName(name);
    return kind === 'plugin' ? !name.startsWith('generator.') : name.startsWith('values.');
  };
  return [...new Set(names.filter(isWritten))];
}

/** Dotted names; a list has one, whatever it holds. */
function flatNames(params: Params, prefix = ''): string[] {
  return Object.entries(params).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    if (isObject(value) && Object.keys(value).length > 0) return flatNames(value, `${name}.`);
    return [name.replace(/\.\d+(\..*)?$/, '')];
  });
}

/** Who names a map names what is in it, and a member's name is a use of the map. */
function isMentioned(name: string, mentioned: ReadonlySet<string>): boolean {
  if (mentioned.has(name)) return true;
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) if (mentioned.has(name.slice(0, dot))) return true;
  for (const mention of mentioned) if (mention.startsWith(`${name}.`)) return true;
  return false;
}

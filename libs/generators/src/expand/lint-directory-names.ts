import type { ApplicationSet } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { namesIn } from '../trace/template-uses.js';

const WILDCARD = /[*?[]/;

/**
 * Directories that differ in the middle of their path only, while applications are named by its last part: as soon as there are
 * two, they share a name.
 */
export function lintDirectoryNames({ spec }: ApplicationSet): string[] {
  const isGo = spec.goTemplate === true;
  return gitsOf(spec.generators, 'generators').flatMap(({ path, git, template }) => {
    const prefix = typeof git.pathParamPrefix === 'string' && git.pathParamPrefix !== '' ? `${git.pathParamPrefix}.` : '';
    const name = nameOf(template) ?? nameOf(spec.template);
    const used = name === undefined ? [] : namesIn(name, isGo).filter((one) => one.startsWith(`${prefix}path`));
    const isByBasename = used.length > 0 && used.every((one) => one.startsWith(`${prefix}path.basename`));
    return isByBasename ? patternsOf(git).flatMap((pattern) => findingOf(pattern, { path, prefix, isGo })) : [];
  });
}

function findingOf(pattern: string, { path, prefix, isGo }: { path: string; prefix: string; isGo: boolean }): string[] {
  const parts = pattern.split('/');
  const last = parts.at(-1)!;
  const open = parts.findIndex((part) => WILDCARD.test(part));
  if (open < 0 || WILDCARD.test(last)) return [];
  const instead = isGo ? `{{ index .${prefix}path.segments ${open} }}` : `{{${prefix}path[${open}]}}`;
  return [`${path}.directories: every directory of ${pattern} is called ${last}, so metadata.name tells none apart; use ${instead}`];
}

interface GitUse {
  path: string;
  git: Record<string, unknown>;
  template: unknown;
}

/** Git generators at any depth. The template of a nested one is not read, in Argo CD as here. */
function gitsOf(entries: unknown, path: string, template?: unknown): GitUse[] {
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry, i) => {
    const at = `${path}[${i}]`;
    return Object.entries(isObject(entry) ? entry : {}).flatMap(([key, spec]): GitUse[] => {
      if (!isObject(spec)) return [];
      const own = template ?? spec.template;
      if (key === 'git') return [{ path: `${at}.git`, git: spec, template: own }];
      return key === 'matrix' || key === 'merge' ? gitsOf(spec.generators, `${at}.${key}.generators`, own ?? {}) : [];
    });
  });
}

function nameOf(template: unknown): string | undefined {
  const metadata = isObject(template) ? template.metadata : undefined;
  return isObject(metadata) && typeof metadata.name === 'string' && metadata.name !== '' ? metadata.name : undefined;
}

function patternsOf({ directories }: Record<string, unknown>): string[] {
  const items = Array.isArray(directories) ? directories.filter(isObject) : [];
  return items.flatMap(({ path, exclude }) => (typeof path === 'string' && exclude !== true ? [path] : []));
}

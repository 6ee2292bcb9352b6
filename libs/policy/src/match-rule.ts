import { compileGlob } from '@flotilla/selector';

/** Compiled patterns kept per process; project documents repeat the same few. */
const MAX_CACHED = 10_000;
const compiled = new Map<string, (text: string) => boolean>();

/** A project's glob: no separators, so `*` crosses `/`; `{a,b}` lists alternatives. An unreadable pattern matches nothing. */
export function matchesRule(pattern: string, text: string): boolean {
  if (pattern === '*') return true;
  let matcher = compiled.get(pattern);
  if (!matcher) {
    matcher = compileRule(pattern);
    if (compiled.size >= MAX_CACHED) compiled.clear();
    compiled.set(pattern, matcher);
  }
  return matcher(text);
}

function compileRule(pattern: string): (text: string) => boolean {
  try {
    return compileGlob(pattern, { braces: true });
  } catch {
    return () => false;
  }
}

export const isDeny = (pattern: string | undefined): boolean => pattern?.startsWith('!') === true;
export const denied = (pattern: string): string => pattern.slice(1);

import { digestBytes } from '@flotilla/kernel';

/** Kubernetes names have at most 253 characters; room is left for numbers. */
const MAX_BASE = 200;

/** `web-r3` for release 3 of ApplicationSet web, `web-a3` for one of Application web: a set and an application may share a name. */
export function releaseName({ kind, name }: { kind: string; name: string }, sequence: number): string {
  const base = name.length <= MAX_BASE ? name : `${name.slice(0, MAX_BASE - 9)}-${digestBytes(name).slice(0, 8)}`;
  return `${base}-${kind === 'ApplicationSet' ? 'r' : 'a'}${sequence}`;
}

/** The first run of a release has its name; later ones a number. */
export const rolloutName = (release: string, run: number): string => (run <= 1 ? release : `${release}-${run}`);

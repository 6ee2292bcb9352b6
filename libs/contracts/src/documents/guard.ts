import { messageOf, parseDuration } from '@flotilla/kernel';

/** With this label, whatever its value but `false`, an application is deleted only once it is confirmed by name; so is what goes to a cluster with it. */
export const PROTECTED_LABEL = 'flotilla.dev/protected';

export function isProtected(labels: Readonly<Record<string, string>> | undefined): boolean {
  const value = labels?.[PROTECTED_LABEL];
  return value !== undefined && value !== 'false';
}

/** What the guard over deletions can be told: by annotation `flotilla.dev/<key>` of a set or project, and by the fleet's ConfigMap. */
export const GUARD_KEYS = ['max-deletions', 'max-deletion-percent', 'restore-window'] as const;
export type GuardKey = (typeof GUARD_KEYS)[number];
export const guardAnnotation = (key: GuardKey): string => `flotilla.dev/${key}`;
export const GUARD_ANNOTATIONS: readonly string[] = GUARD_KEYS.map(guardAnnotation);
/** In the control namespace: the fleet's own defaults, in `data` under the keys. */
export const GUARD_CONFIG_MAP = 'flotilla-guard';

/** Deletions of one set that need no confirmation: a count, percent of the set, and milliseconds. */
export const GUARD_DEFAULTS: Readonly<Record<GuardKey, number>> = { 'max-deletions': 5, 'max-deletion-percent': 20, 'restore-window': 0 };

const MAX_COUNT = 1_000_000;
const MAX_WINDOW_MS = 720 * 3_600_000;

/** Reads one setting; a fault says what is wrong and what to write, without naming the field. */
export function readGuardValue(key: GuardKey, text: string): { value: number } | { fault: string } {
  if (key === 'restore-window') return readWindow(text);
  const limit = key === 'max-deletions' ? MAX_COUNT : 100;
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= limit) return { value };
  const example = key === 'max-deletions' ? '"5"' : '"20" for a fifth';
  return { fault: `${JSON.stringify(text.slice(0, 40))} is no whole number from 0 to ${limit}; write for example ${example}` };
}

function readWindow(text: string): { value: number } | { fault: string } {
  try {
    const value = parseDuration(text);
    if (value <= MAX_WINDOW_MS) return { value };
    return { fault: `${JSON.stringify(text.slice(0, 40))} is longer than 720h; write for example "1h"` };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

/** Released deletions of a held expansion: a JSON list of application names, consumed by the next expansion. */
export const CONFIRMED_DELETIONS_ANNOTATION = 'flotilla.dev/confirmed-deletions';

/** On a generated application: JSON list of the generators, files and clusters it came from, for saying why it is no longer generated. */
export const GENERATED_FROM_ANNOTATION = 'flotilla.dev/generated-from';
/** On an application that left its set: RFC 3339 time after which its deletion is carried out; gone when it is generated again. */
export const DELETE_AFTER_ANNOTATION = 'flotilla.dev/delete-after';

/** On a Cluster or AppProject: it goes only when no application needs it, or when somebody confirmed. */
export const IN_USE_FINALIZER = 'flotilla.dev/applications';
/** Applications named in a condition; there may be more. */
const LISTED = 10;
/** How many a reader has to fetch to fill in `removalHold`. */
export const REMOVAL_HOLD_LIMIT = LISTED + 1;

/** What keeps a document that people delete: the applications that still need it, the first REMOVAL_HOLD_LIMIT, or its label. */
export interface RemovalHold {
  kind: 'Cluster' | 'AppProject';
  name: string;
  applications: readonly string[];
  isProtected: boolean;
  /** What releases it. */
  verb: string;
}

/** The condition of a document whose deletion is held; undefined when nothing holds it. */
export function removalHeld({ kind, name, applications, isProtected, verb }: RemovalHold) {
  if (applications.length === 0 && !isProtected) return undefined;
  const more = applications.length > LISTED ? ' and more' : '';
  const use = kind === 'Cluster' ? 'go to it' : 'use it';
  const users = `applications ${applications.slice(0, LISTED).join(', ')}${more} still ${use}`;
  const label = `label ${PROTECTED_LABEL} is on it`;
  const why = [...(applications.length > 0 ? [users] : []), ...(isProtected ? [label] : [])].join(' and ');
  const remedy = applications.length > 0 ? 'remove them first, or release with' : 'release with';
  const reason = applications.length > 0 ? 'InUse' : 'Protected';
  return { status: 'True', reason, message: `the deletion of ${kind} ${name} is held: ${why}; ${remedy}: ${verb}` } as const;
}

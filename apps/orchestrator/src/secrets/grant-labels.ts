import { digestJson } from '@flotilla/kernel';
import type { Askers } from './secret.store.js';

const OUR_PREFIX = 'flotilla.dev/';
/** Labels that are taken over from the asking object, by order of their keys. */
const MAX_TAKEN = 64;
const MAX_VALUE = 63;
const MAX_KEY = 63 + 1 + 253;
const SHORT = 10;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

/** What a SecretGrant is selected by. */
export interface LabelSources {
  project: string;
  askers: Askers;
  /** Labels of the rendered object that asks. */
  taken: Readonly<Record<string, unknown>>;
  store?: { kind: string; name: string; provider?: string };
}

/**
 * Labels of a SecretGrant: those of the object that asks for the secret, and what tells grants apart below our own prefix, which the
 * object cannot set. A name that is no label value stands there cut, with a digest.
 */
export function grantLabels({ project, askers, taken, store }: LabelSources): Record<string, string> {
  const own = {
    project,
    application: askers.application,
    applicationset: askers.applicationSet,
    cluster: askers.cluster,
    store: store?.name,
    'store-kind': store?.kind,
    provider: store?.provider,
  };
  const labels: Record<string, string> = {};
  const copied = Object.entries(taken).filter(([key, value]) => isTaken(key, value)) as [string, string][];
  for (const [key, value] of copied.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_TAKEN)) labels[key] = value;
  for (const [key, value] of Object.entries(own)) if (value) labels[`${OUR_PREFIX}${key}`] = labelValue(value);
  return labels;
}

/** Text as a label value; equal texts are equal values, different ones different values. */
export function labelValue(text: string): string {
  if (text.length <= MAX_VALUE && VALUE.test(text)) return text;
  const base = text
    .slice(0, MAX_VALUE - SHORT - 1)
    .replace(/[^-A-Za-z0-9_.]/g, '-')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  const digest = digestJson(text).slice(0, SHORT);
  return base ? `${base}-${digest}` : digest;
}

const isTaken = (key: string, value: unknown): boolean =>
  typeof value === 'string' && value.length <= MAX_VALUE && VALUE.test(value) && key.length <= MAX_KEY && !key.startsWith(OUR_PREFIX);

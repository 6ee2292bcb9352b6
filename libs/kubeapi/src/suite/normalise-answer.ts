import { isObject } from '@flotilla/kernel';

/** An answer as it is compared and recorded. */
export interface RecordedAnswer {
  status: number;
  contentType: string;
  warnings?: string[];
  /** A JSON body, a text, or the events of a watch. */
  body: unknown;
}

const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const AGE = /^\d+(s|m|h|d)(\d+(s|m|h))?$/;
/** Members that differ from server to server or run to run. */
const REPLACED: Readonly<Record<string, string>> = {
  uid: 'UID',
  resourceVersion: 'VERSION',
  continue: 'TOKEN',
  creationTimestamp: 'TIME',
  deletionTimestamp: 'TIME',
  time: 'TIME',
  lastTransitionTime: 'TIME',
};
/** Members that say nothing a client acts on. */
const DROPPED = new Set(['description', 'storageVersionHash']);

/** Takes out of an answer what time, randomness and counters put in. */
export function normaliseAnswer(status: number, headers: Record<string, string | string[] | undefined>, text: string): RecordedAnswer {
  const contentType = String(headers['content-type'] ?? '').split(';')[0]!;
  const warnings = [headers.warning ?? []].flat().flatMap((line) => line.split(/, (?=299 )/));
  return { status, contentType, ...(warnings.length > 0 ? { warnings } : {}), body: normalise(readBody(text), '') };
}

function readBody(text: string): unknown {
  const events = text.split('\n').filter((line) => line !== '');
  try {
    return events.length > 0 && events.every((line) => line.startsWith('{"type":'))
      ? events.map((line) => JSON.parse(line) as unknown)
      : JSON.parse(text);
  } catch {
    return text;
  }
}

function normalise(value: unknown, key: string): unknown {
  if (typeof value === 'string') return normaliseText(value, key);
  if (Array.isArray(value)) return key === 'verbs' ? value.toSorted() : value.map((item) => normalise(item, key));
  if (!isObject(value)) return value;
  const members = Object.entries(value)
    .filter(([name, member]) => !DROPPED.has(name) && !(name === 'continue' && member === ''))
    .map(([name, member]) => [name, normalise(member, name)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return withStableCauses(withStableName(Object.fromEntries(members)));
}

function normaliseText(text: string, key: string): string {
  if (REPLACED[key] !== undefined && text !== '') return REPLACED[key];
  if (key === 'cells' && AGE.test(text)) return 'AGE';
  return text
    .replace(UID, 'UID')
    .replace(TIME, 'TIME')
    .replace(/(current: |ResourceVersion in record \()\d+/g, '$1VERSION')
    .replace(/Available representations: .*$/s, 'Available representations: LIST');
}

/** A generated name keeps its prefix only. */
function withStableName(object: Record<string, unknown>): Record<string, unknown> {
  const prefix = object.generateName;
  return typeof prefix === 'string' && typeof object.name === 'string' ? { ...object, name: `${prefix}SUFFIX` } : object;
}

/** The real server finds the causes of a custom kind in the order of a Go map, which is random. */
function withStableCauses(object: Record<string, unknown>): Record<string, unknown> {
  if (object.kind !== 'Status' || !isObject(object.details) || !Array.isArray(object.details.causes)) return object;
  const causes = object.details.causes.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const message =
    typeof object.message === 'string' ? object.message.replace(/ is invalid: \[.*\]$/s, ' is invalid: [CAUSES]') : object.message;
  return { ...object, message, details: { ...object.details, causes } };
}

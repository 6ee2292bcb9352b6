import { createHash } from 'node:crypto';
import { compileExpr, type Expr } from '@flotilla/expr';
import { isObject, messageOf } from '@flotilla/kernel';
import type { KeyReader } from './key-reader.js';
import {
  type NotificationCondition,
  type NotificationTrigger,
  SUBJECT_KINDS,
  type SubjectKind,
  type SubjectVariable,
} from './notification-config.js';

const MAX_CONDITIONS = 50;
const FIELDS = ['when', 'send', 'oncePer', 'description'];
/** What an expression may read besides the document it is about. */
const OTHER_VARIABLES = ['time', 'strings', 'repo', 'appProject', 'context', 'release', 'previousPhase', '$env'];

/** Reads `trigger.<name>`: a list of conditions. A condition that cannot be read is left out, and said. */
export function readTrigger(name: string, reader: KeyReader, isBuiltIn: boolean): NotificationTrigger | undefined {
  const value = reader.yaml();
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0) {
    reader.error('must be a list of conditions, each with when and send');
    return undefined;
  }
  if (value.length > MAX_CONDITIONS) {
    reader.error(`has ${value.length} conditions; at most ${MAX_CONDITIONS} are read`);
    return undefined;
  }
  const conditions = value.flatMap((item, i) => readCondition(item, i, reader) ?? []);
  if (conditions.length === 0) return undefined;
  return { name, kind: kindOf(conditions, reader), conditions, isBuiltIn };
}

function readCondition(item: unknown, index: number, reader: KeyReader): NotificationCondition | undefined {
  const path = String(index);
  if (!isObject(item)) {
    reader.error('a condition must be a map with when and send', path);
    return undefined;
  }
  reader.warnUnknown(item, FIELDS, path);
  // YAML reads `when: true` as a boolean.
  const when = typeof item.when === 'boolean' ? String(item.when) : item.when;
  if (typeof when !== 'string' || when.trim() === '') {
    reader.error("a condition needs when: an expression such as app.status.health.status == 'Degraded'", path);
    return undefined;
  }
  const send = reader.names(item.send, `${path}.send`, 'send');
  const compiled = compile(when, `${path}.when`, reader);
  if (!send || !compiled) return undefined;
  const { oncePer, description } = item;
  const once = typeof oncePer === 'string' && oncePer !== '' ? compile(oncePer, `${path}.oncePer`, reader) : undefined;
  if (oncePer !== undefined && oncePer !== '' && !once) return undefined;
  return {
    id: `[${index}].${createHash('sha1').update(when).digest('base64url')}`,
    when: compiled,
    send,
    ...(once ? { oncePer: once } : {}),
    ...(typeof description === 'string' ? { description } : {}),
  };
}

function compile(text: string, path: string, reader: KeyReader): Expr | undefined {
  try {
    return compileExpr(text);
  } catch (error) {
    reader.error(`the expression cannot be read: ${messageOf(error)}`, path);
    return undefined;
  }
}

/** A trigger that reads no document's variable, as `when: true`, is about applications. */
function kindOf(conditions: readonly NotificationCondition[], reader: KeyReader): SubjectKind {
  const roots = new Set(
    conditions.flatMap(({ when, oncePer }) => [...when.names, ...(oncePer?.names ?? [])].map((name) => name.split('.')[0]!)),
  );
  const variables = Object.keys(SUBJECT_KINDS) as SubjectVariable[];
  const known = [...variables, ...OTHER_VARIABLES] as string[];
  for (const root of roots) {
    if (!known.includes(root))
      reader.warn(`${root} is no variable and reads as nil; there are ${variables.join(', ')}, ${OTHER_VARIABLES.slice(0, -1).join(', ')}`);
  }
  const used = variables.filter((variable) => roots.has(variable));
  if (used.length > 1) reader.warn(`the conditions read ${used.join(' and ')}, which never come together; only ${used[0]} is set`);
  return SUBJECT_KINDS[used[0] ?? 'app'];
}

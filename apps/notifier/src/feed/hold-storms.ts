import type { SqlRunner } from '@flotilla/persistence';
import { collapsedId, type NewIntent, orderKeyOf } from '../deliveries/intent.js';

/** Length of the window that messages of one rule are counted in. */
export const STORM_WINDOW_MS = 60_000;
/** Names that a collapsed message lists. */
const MAX_NAMES = 50;

export interface Candidate {
  intent: NewIntent;
  /** Of the document, for the list of a collapsed message. */
  name: string;
  /** Machines count for themselves; their messages are never collapsed. */
  isForMachine: boolean;
}

/**
 * Lets at most `limit` messages of one rule (trigger, service, recipient) through per minute; the others become one message at the
 * end of the minute that counts and names them.
 */
export async function holdStorms(sql: SqlRunner, candidates: readonly Candidate[], limit: number, now: Date): Promise<NewIntent[]> {
  const windowStart = new Date(Math.floor(now.getTime() / STORM_WINDOW_MS) * STORM_WINDOW_MS);
  const counted = candidates.filter(({ isForMachine }) => !isForMachine);
  const known = await readStorms(sql, [...new Set(counted.map(({ intent }) => intent.rule))], windowStart);
  const intents: NewIntent[] = candidates.filter(({ isForMachine }) => isForMachine).map(({ intent }) => intent);
  for (const { intent, name } of counted) {
    const storm = known.get(intent.rule) ?? { sent: 0, collapsed: 0, names: [] };
    known.set(intent.rule, storm);
    if (storm.sent < limit) {
      storm.sent++;
      intents.push(intent);
      continue;
    }
    if (storm.collapsed === 0) intents.push(collapsed(intent, windowStart));
    storm.collapsed++;
    if (storm.names.length < MAX_NAMES && !storm.names.includes(name)) storm.names.push(name);
  }
  await writeStorms(sql, known, windowStart);
  return intents;
}

interface Storm {
  sent: number;
  collapsed: number;
  names: string[];
}

function collapsed({ trigger, template, service, recipient, rule }: NewIntent, windowStart: Date): NewIntent {
  return {
    id: collapsedId(rule, windowStart),
    type: 'collapsed',
    event: windowStart.toISOString(),
    trigger,
    template,
    service,
    recipient,
    rule,
    orderKey: orderKeyOf(service, recipient, `storm ${rule}`),
    dueAt: new Date(windowStart.getTime() + STORM_WINDOW_MS),
  };
}

async function readStorms(sql: SqlRunner, rules: readonly string[], windowStart: Date): Promise<Map<string, Storm>> {
  if (rules.length === 0) return new Map();
  const rows = await sql.query<Storm & { rule: string; [column: string]: unknown }>(
    'SELECT rule, sent, collapsed, names FROM notifier.storms WHERE window_start = $1 AND rule = ANY($2)',
    [windowStart, rules],
  );
  return new Map(rows.map(({ rule, sent, collapsed: held, names }) => [rule, { sent, collapsed: held, names }]));
}

async function writeStorms(sql: SqlRunner, storms: ReadonlyMap<string, Storm>, windowStart: Date): Promise<void> {
  if (storms.size === 0) return;
  const rows = [...storms].map(([rule, storm]) => ({ rule, ...storm }));
  await sql.query(
    `INSERT INTO notifier.storms (rule, window_start, sent, collapsed, names)
     SELECT rule, $2, sent, collapsed, names
     FROM jsonb_to_recordset($1::jsonb) AS t (rule text, sent int, collapsed int, names text[])
     ON CONFLICT (rule, window_start) DO UPDATE SET sent = excluded.sent, collapsed = excluded.collapsed, names = excluded.names`,
    [JSON.stringify(rows), windowStart],
  );
}

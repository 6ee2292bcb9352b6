import type { SqlRunner } from '@flotilla/persistence';
import type { Outcome } from './claimed-intent.js';

/**
 * Writes the receipts of attempts that ended, all or none, in one statement. A message that is in other hands by now keeps what they
 * make of it.
 */
export async function settleIntents(sql: SqlRunner, outcomes: readonly Outcome[]): Promise<void> {
  const rows = outcomes.map(rowOf);
  const columns = COLUMNS.map(([name]) => rows.map((row) => row[name]));
  await sql.query(SETTLE, columns);
}

interface SettledRow {
  id: string;
  claim: string;
  attempt: number;
  service: string;
  state: 'sent' | 'waiting' | 'dead';
  outcome: 'sent' | 'failed' | 'dead';
  at: Date;
  due_at: Date | null;
  failures: number;
  may_be_duplicate: boolean;
  is_answered: boolean;
  error_code: string | null;
  error: string | null;
  provider_id: string | null;
  thread_id: string | null;
  detail: string | null;
  group_key: string | null;
  update_key: string | null;
}

const COLUMNS: readonly (readonly [keyof SettledRow, string])[] = [
  ['id', 'text'],
  ['claim', 'text'],
  ['attempt', 'int'],
  ['service', 'text'],
  ['state', 'text'],
  ['outcome', 'text'],
  ['at', 'timestamptz'],
  ['due_at', 'timestamptz'],
  ['failures', 'int'],
  ['may_be_duplicate', 'boolean'],
  ['is_answered', 'boolean'],
  ['error_code', 'text'],
  ['error', 'text'],
  ['provider_id', 'text'],
  ['thread_id', 'text'],
  ['detail', 'text'],
  ['group_key', 'text'],
  ['update_key', 'text'],
];

/** Breakers are locked in one order, so that two copies do not wait for each other's. */
const SETTLE = `
WITH ended AS (
  SELECT * FROM unnest(${COLUMNS.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ')}) AS t (${COLUMNS.map(([name]) => name).join(', ')})
), settled AS (
  UPDATE notifier.intents i SET state = t.state, claim = NULL, claimed_until = NULL,
    ended_at = CASE WHEN t.state <> 'waiting' THEN t.at END, due_at = COALESCE(t.due_at, i.due_at),
    failures = i.failures + t.failures, may_be_duplicate = i.may_be_duplicate OR t.may_be_duplicate,
    error_code = t.error_code, error = t.error,
    provider_id = CASE t.state WHEN 'sent' THEN t.provider_id ELSE i.provider_id END,
    thread_id = CASE t.state WHEN 'sent' THEN t.thread_id ELSE i.thread_id END,
    detail = CASE t.state WHEN 'sent' THEN t.detail ELSE i.detail END,
    group_key = CASE t.state WHEN 'sent' THEN t.group_key ELSE i.group_key END,
    update_key = CASE t.state WHEN 'sent' THEN t.update_key ELSE i.update_key END
  FROM ended t WHERE i.id = t.id AND i.claim = t.claim
), receipts AS (
  UPDATE notifier.attempts a SET ended_at = t.at, outcome = t.outcome, error_code = t.error_code
  FROM ended t WHERE a.intent = t.id AND a.attempt = t.attempt
), answered AS (
  SELECT service FROM notifier.breakers WHERE service IN (SELECT service FROM ended WHERE is_answered) ORDER BY service FOR UPDATE
)
DELETE FROM notifier.breakers b USING answered WHERE b.service = answered.service`;

function rowOf(outcome: Outcome): SettledRow {
  const { id, claim, attempt, service } = outcome.intent;
  const base = { id, claim, attempt, service, at: outcome.at };
  if ('sent' in outcome) {
    const { sent, keys } = outcome;
    return {
      ...base,
      ...{ state: 'sent', outcome: 'sent', due_at: null, failures: 0, may_be_duplicate: false, is_answered: true },
      ...{ error_code: null, error: null },
      provider_id: cut(sent.providerId, 512),
      thread_id: cut(sent.threadId, 512),
      detail: cut(sent.detail, 500),
      group_key: keys.groupKey ?? null,
      update_key: keys.updateKey ?? null,
    };
  }
  const { code, message, retryAt, counts, mayHaveArrived, isAnswered } = outcome.failed;
  return {
    ...base,
    state: retryAt ? 'waiting' : 'dead',
    outcome: retryAt ? 'failed' : 'dead',
    due_at: retryAt ?? null,
    failures: counts ? 1 : 0,
    may_be_duplicate: mayHaveArrived,
    is_answered: isAnswered,
    error_code: code,
    error: cut(message, 2_000),
    ...{ provider_id: null, thread_id: null, detail: null, group_key: null, update_key: null },
  };
}

/** A provider's words as PostgreSQL takes them: it refuses a NUL, and a receipt must not fail for one. */
const cut = (text: string | undefined, most: number): string | null =>
  text === undefined ? null : text.replaceAll('\0', '').slice(0, most);

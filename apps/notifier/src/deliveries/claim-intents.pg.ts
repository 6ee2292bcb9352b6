import type { Row, SqlRunner } from '@flotilla/persistence';
import type { ClaimedIntent } from './claimed-intent.js';
import type { IntentType } from './intent.js';

/** Failures in a row after which a service is left alone for a while. */
export const BREAKER_FAILURES = 5;

export interface Claim {
  /** What stands on the messages taken, so that nobody else writes what became of them. */
  token: string;
  now: Date;
  until: Date;
}

export interface ClaimLimits {
  /** Messages of all services. */
  limit: number;
  /** Messages of one service, where it has a limit of its own. */
  free?: ReadonlyMap<string, number>;
}

/**
 * Takes messages that are due, in one statement behind the one that plans it. That an attempt begins is committed before it does:
 * whoever takes up a claim that ran out knows that the message may have arrived.
 * @param tx a transaction of its own
 */
export async function claimDue(tx: SqlRunner, { limit, free = new Map() }: ClaimLimits, claim: Claim): Promise<ClaimedIntent[]> {
  const { token, now, until } = claim;
  const full = [...free].filter(([, places]) => places === 0).map(([service]) => service);
  await tx.query(IN_ORDER);
  const rows = await tx.query(CLAIM_DUE, [now, limit, until, token, BREAKER_FAILURES, full, [...free.keys()], [...free.values()]]);
  return rows.map((row) => claimedOf(row, token)).sort((a, b) => Number(a.seq) - Number(b.seq));
}

/** Takes one message whatever is due; undefined when it is in other hands. */
export async function claimNamed(sql: SqlRunner, id: string, { token, now, until }: Claim): Promise<ClaimedIntent | undefined> {
  const [row] = await sql.query(CLAIM_NAMED, [now, id, until, token]);
  return row && claimedOf(row, token);
}

/**
 * Open messages are read along their index until enough are due. Left to its estimates, which a burst outruns, PostgreSQL
 * reads and sorts the whole backlog for each claim.
 */
const IN_ORDER = `SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('jit', 'off', true)`;

const TAKEN = `state = 'sending', attempts = i.attempts + 1, claimed_until = $3, claim = $4`;
/** Every attempt has its row before it begins. */
const BEGUN = `INSERT INTO notifier.attempts (intent, attempt, started_at) SELECT id, attempts, $1::timestamptz FROM taken ON CONFLICT DO NOTHING`;
/** What is claimed, with the event it is rendered from. */
const CLAIMED = `SELECT i.id, i.seq, i.type, i.event, i.trigger, i.template, i.service, i.recipient, i.rule, i.group_key, i.update_key,
  i.created_at, i.attempts, i.failures, i.may_be_duplicate, e.name, e.variables
  FROM taken i LEFT JOIN notifier.events e ON e.id = i.event`;

/**
 * Oldest first, at most one per order key and none behind one that is not through. A claim that ran out is due again; its attempt was
 * begun and never ended. A service whose breaker is open gets one message to try it with; the others wait for its answer.
 */
const CLAIM_DUE = `
WITH due AS (
  SELECT i.id, i.service, i.seq FROM notifier.intents i LEFT JOIN notifier.breakers b ON b.service = i.service AND b.failures >= $5
  WHERE (i.state = 'waiting' AND i.due_at <= $1 OR i.state = 'sending' AND i.claimed_until <= $1)
    AND (b.service IS NULL OR b.open_until <= $1) AND i.service <> ALL ($6::text[])
    AND NOT EXISTS (SELECT 1 FROM notifier.intents e WHERE e.order_key = i.order_key AND e.seq < i.seq AND e.state IN ('waiting', 'sending'))
    AND (b.service IS NULL OR NOT EXISTS (SELECT 1 FROM notifier.intents e WHERE e.service = i.service AND e.seq < i.seq
      AND (e.state = 'waiting' AND e.due_at <= $1 OR e.state = 'sending')))
  ORDER BY i.seq LIMIT $2 FOR UPDATE OF i SKIP LOCKED
), placed AS (
  SELECT due.id, l.free, row_number() OVER (PARTITION BY due.service ORDER BY due.seq) AS place
  FROM due LEFT JOIN unnest($7::text[], $8::int[]) AS l (service, free) ON l.service = due.service
), taken AS (
  UPDATE notifier.intents i SET may_be_duplicate = i.may_be_duplicate OR i.state = 'sending', ${TAKEN}
  FROM placed p WHERE i.id = p.id AND (p.free IS NULL OR p.place <= p.free) RETURNING i.*
), begun AS (${BEGUN}), tried AS (
  SELECT service FROM notifier.breakers WHERE failures >= $5 AND service IN (SELECT service FROM taken) ORDER BY service FOR UPDATE
), probed AS (
  UPDATE notifier.breakers b SET open_until = $3 FROM tried WHERE b.service = tried.service
)
${CLAIMED}`;

const CLAIM_NAMED = `
WITH taken AS (
  UPDATE notifier.intents i SET ${TAKEN} WHERE i.id = $2 AND i.state = 'waiting' AND i.created_at <= $1 RETURNING i.*
), begun AS (${BEGUN})
${CLAIMED}`;

function claimedOf(row: Row, claim: string): ClaimedIntent {
  const variables = row.variables as Record<string, unknown> | null;
  return {
    id: row.id as string,
    seq: row.seq as string,
    type: row.type as IntentType,
    event: (row.event as string | null) ?? undefined,
    about: variables === null ? undefined : { name: row.name as string, variables },
    trigger: row.trigger as string,
    template: row.template as string,
    service: row.service as string,
    recipient: row.recipient as string,
    rule: row.rule as string,
    groupKey: (row.group_key as string | null) ?? undefined,
    updateKey: (row.update_key as string | null) ?? undefined,
    createdAt: row.created_at as Date,
    attempt: row.attempts as number,
    failures: row.failures as number,
    isPossibleDuplicate: row.may_be_duplicate as boolean,
    claim,
  };
}

import { newToken } from '@flotilla/kernel';
import type { Database, SqlRunner } from '@flotilla/persistence';
import type { PreviousMessage, Sent } from '../channels/channel.js';
import type { IntentType } from './intent.js';

/** An intent in the hands of this copy. */
export interface ClaimedIntent {
  id: string;
  seq: string;
  type: IntentType;
  event: string | undefined;
  trigger: string;
  template: string;
  service: string;
  recipient: string;
  rule: string;
  groupKey: string | undefined;
  updateKey: string | undefined;
  createdAt: Date;
  /** This attempt, from 1. */
  attempt: number;
  /** Earlier attempts that were answered with an error of this message's own. */
  failures: number;
  isPossibleDuplicate: boolean;
  claim: string;
}

/** Failures in a row after which a service is left alone for a while. */
export const BREAKER_FAILURES = 5;

export class PgIntents {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Takes messages that are due, oldest first, at most one per order key and none behind one that is not through. That an attempt
   * begins is committed before it does: whoever takes up a claim that ran out knows that the message may have arrived.
   */
  async claim(now: Date, limit: number, leaseMs: number): Promise<ClaimedIntent[]> {
    const claim = newToken(10);
    return this.#database.transaction(async (tx) => {
      await tx.query(IN_ORDER);
      const rows = await tx.query(CLAIM, [now, limit, new Date(now.getTime() + leaseMs), claim, BREAKER_FAILURES]);
      const intents = rows.map((row) => claimedOf(row, claim));
      await insertAttempts(tx, intents, now);
      await probeBreakers(tx, intents, now, leaseMs);
      return intents.sort((a, b) => Number(a.seq) - Number(b.seq));
    });
  }

  /** Takes one message whatever is due; undefined when it is in other hands. */
  async claimOne(id: string, now: Date, leaseMs: number): Promise<ClaimedIntent | undefined> {
    const claim = newToken(10);
    return this.#database.transaction(async (tx) => {
      const [row] = await tx.query(
        `UPDATE notifier.intents i SET state = 'sending', attempts = i.attempts + 1, claimed_until = $3, claim = $4
         WHERE i.id = $1 AND i.state = 'waiting' AND i.created_at <= $2 RETURNING ${CLAIMED}`,
        [id, now, new Date(now.getTime() + leaseMs), claim],
      );
      const intents = row ? [claimedOf(row, claim)] : [];
      await insertAttempts(tx, intents, now);
      return intents[0];
    });
  }

  async settleSent(
    { id, claim, attempt, service }: ClaimedIntent,
    sent: Sent,
    keys: { groupKey?: string; updateKey?: string },
    now: Date,
  ): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await tx.query(
        `UPDATE notifier.intents SET state = 'sent', ended_at = $3, claim = NULL, claimed_until = NULL, error_code = NULL, error = NULL,
           provider_id = $4, thread_id = $5, detail = $6, group_key = $7, update_key = $8 WHERE id = $1 AND claim = $2`,
        [
          id,
          claim,
          now,
          cut(sent.providerId, 512),
          cut(sent.threadId, 512),
          cut(sent.detail, 500),
          keys.groupKey ?? null,
          keys.updateKey ?? null,
        ],
      );
      await endAttempt(tx, id, attempt, 'sent', null, now);
      await tx.query('DELETE FROM notifier.breakers WHERE service = $1', [service]);
    });
  }

  /** Undefined `retryAt` makes it a dead letter. */
  async settleFailed({ id, claim, attempt }: ClaimedIntent, failure: SettledFailure, now: Date): Promise<void> {
    const { code, message, retryAt, counts, mayHaveArrived } = failure;
    await this.#database.transaction(async (tx) => {
      await tx.query(
        `UPDATE notifier.intents SET state = CASE WHEN $5::timestamptz IS NULL THEN 'dead' ELSE 'waiting' END,
           ended_at = CASE WHEN $5::timestamptz IS NULL THEN $6::timestamptz END, due_at = COALESCE($5::timestamptz, due_at),
           failures = failures + $7, may_be_duplicate = may_be_duplicate OR $8, claim = NULL, claimed_until = NULL, error_code = $3, error = $4 WHERE id = $1 AND claim = $2`,
        [id, claim, code, cut(message, 2_000), retryAt ?? null, now, counts ? 1 : 0, mayHaveArrived],
      );
      await endAttempt(tx, id, attempt, retryAt ? 'failed' : 'dead', code, now);
    });
  }

  /** The service answered, if not as hoped. */
  async closeBreaker(service: string): Promise<void> {
    await this.#database.query('DELETE FROM notifier.breakers WHERE service = $1', [service]);
  }

  /** One more failure of the service itself; from the limit on it is left alone until the time that `openUntil` gives for the count. */
  async countFailure(service: string, openUntil: (failures: number) => Date): Promise<number> {
    return this.#database.transaction(async (tx) => {
      const [row] = await tx.query<{ failures: number }>(
        `INSERT INTO notifier.breakers AS b (service, failures, open_until) VALUES ($1, 1, '-infinity')
         ON CONFLICT (service) DO UPDATE SET failures = b.failures + 1 RETURNING failures`,
        [service],
      );
      const failures = row!.failures;
      if (failures >= BREAKER_FAILURES) {
        await tx.query('UPDATE notifier.breakers SET open_until = $2 WHERE service = $1', [service, openUntil(failures)]);
      }
      return failures;
    });
  }

  /** What came before in the same group at this recipient: the message that opened it, and the newest of the same update key. */
  async previous(intent: ClaimedIntent, groupKey: string | undefined, updateKey: string | undefined) {
    const find = async (column: 'group_key' | 'update_key', key: string | undefined, order: 'ASC' | 'DESC') => {
      if (key === undefined) return undefined;
      const [row] = await this.#database.query<{ provider_id: string | null; thread_id: string | null }>(
        `SELECT provider_id, thread_id FROM notifier.intents WHERE state = 'sent' AND service = $1 AND recipient = $2 AND ${column} = $3
           AND (provider_id IS NOT NULL OR thread_id IS NOT NULL) ORDER BY seq ${order} LIMIT 1`,
        [intent.service, intent.recipient, key],
      );
      return row && previousOf(row);
    };
    const [thread, update] = [await find('group_key', groupKey, 'ASC'), await find('update_key', updateKey, 'DESC')];
    return { ...(thread ? { thread } : {}), ...(update ? { update } : {}) };
  }
}

export interface SettledFailure {
  code: string;
  message: string;
  retryAt: Date | undefined;
  /** It is one of the attempts a message has; a provider that is away takes none of them. */
  counts: boolean;
  /** All was sent and the answer was lost, so that another attempt may be a duplicate. */
  mayHaveArrived: boolean;
}

const CLAIMED = `i.id, i.seq, i.type, i.event, i.trigger, i.template, i.service, i.recipient, i.rule, i.group_key, i.update_key, i.created_at,
  i.attempts, i.failures, i.may_be_duplicate`;

/**
 * Open messages are read along their index until enough are due. Left to its estimates, which a burst outruns, PostgreSQL
 * reads and sorts the whole backlog for each claim.
 */
const IN_ORDER = `SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('jit', 'off', true)`;

/** A claim that ran out is due again; its attempt was begun and never ended. */
const CLAIM = `
WITH due AS (
  SELECT i.id FROM notifier.intents i LEFT JOIN notifier.breakers b ON b.service = i.service AND b.failures >= $5
  WHERE (i.state = 'waiting' AND i.due_at <= $1 OR i.state = 'sending' AND i.claimed_until <= $1)
    AND (b.service IS NULL OR b.open_until <= $1)
    AND NOT EXISTS (SELECT 1 FROM notifier.intents e WHERE e.order_key = i.order_key AND e.seq < i.seq AND e.state IN ('waiting', 'sending'))
    AND (b.service IS NULL OR NOT EXISTS (SELECT 1 FROM notifier.intents e WHERE e.service = i.service AND e.seq < i.seq
      AND (e.state = 'waiting' AND e.due_at <= $1 OR e.state = 'sending')))
  ORDER BY i.seq LIMIT $2 FOR UPDATE OF i SKIP LOCKED
)
UPDATE notifier.intents i SET may_be_duplicate = i.may_be_duplicate OR i.state = 'sending', state = 'sending', attempts = i.attempts + 1,
  claimed_until = $3, claim = $4
FROM due WHERE i.id = due.id
RETURNING ${CLAIMED}`;

function claimedOf(row: Record<string, unknown>, claim: string): ClaimedIntent {
  return {
    id: row.id as string,
    seq: row.seq as string,
    type: row.type as IntentType,
    event: (row.event as string | null) ?? undefined,
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

async function insertAttempts(sql: SqlRunner, intents: readonly ClaimedIntent[], now: Date): Promise<void> {
  if (intents.length === 0) return;
  await sql.query(
    `INSERT INTO notifier.attempts (intent, attempt, started_at) SELECT intent, attempt, $3 FROM unnest($1::text[], $2::int[]) AS t (intent, attempt)
     ON CONFLICT DO NOTHING`,
    [intents.map(({ id }) => id), intents.map(({ attempt }) => attempt), now],
  );
}

/** A service whose breaker is open gets one message to try it with; the others wait for its answer. */
async function probeBreakers(sql: SqlRunner, intents: readonly ClaimedIntent[], now: Date, leaseMs: number): Promise<void> {
  if (intents.length === 0) return;
  await sql.query('UPDATE notifier.breakers SET open_until = $2 WHERE service = ANY($1) AND failures >= $3', [
    [...new Set(intents.map(({ service }) => service))],
    new Date(now.getTime() + leaseMs),
    BREAKER_FAILURES,
  ]);
}

async function endAttempt(sql: SqlRunner, id: string, attempt: number, outcome: string, code: string | null, now: Date): Promise<void> {
  await sql.query('UPDATE notifier.attempts SET ended_at = $3, outcome = $4, error_code = $5 WHERE intent = $1 AND attempt = $2', [
    id,
    attempt,
    now,
    outcome,
    code,
  ]);
}

function previousOf({
  provider_id: providerId,
  thread_id: threadId,
}: {
  provider_id: string | null;
  thread_id: string | null;
}): PreviousMessage {
  return { ...(providerId === null ? {} : { providerId }), ...(threadId === null ? {} : { threadId }) };
}

const cut = (text: string | undefined, most: number): string | null => (text === undefined ? null : text.slice(0, most));

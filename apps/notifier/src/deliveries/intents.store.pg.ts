import { newToken } from '@flotilla/kernel';
import type { Database } from '@flotilla/persistence';
import type { PreviousMessage } from '../channels/channel.js';
import { BREAKER_FAILURES, type Claim, type ClaimLimits, claimDue, claimNamed } from './claim-intents.pg.js';
import type { ClaimedIntent, Outcome } from './claimed-intent.js';
import { settleIntents } from './settle-intents.pg.js';

/** Messages that are open: who has them in hand, and what became of them. */
export class PgIntents {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes messages that are due, oldest first, at most one per order key and none behind one that is not through. */
  claim(now: Date, limits: ClaimLimits, leaseMs: number): Promise<ClaimedIntent[]> {
    return this.#database.transaction((tx) => claimDue(tx, limits, newClaim(now, leaseMs)));
  }

  /** Takes one message whatever is due; undefined when it is in other hands. */
  claimOne(id: string, now: Date, leaseMs: number): Promise<ClaimedIntent | undefined> {
    return claimNamed(this.#database, id, newClaim(now, leaseMs));
  }

  /** All or none. */
  settle(outcomes: readonly Outcome[]): Promise<void> {
    return settleIntents(this.#database, outcomes);
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

const newClaim = (now: Date, leaseMs: number): Claim => ({ token: newToken(10), now, until: new Date(now.getTime() + leaseMs) });

function previousOf({
  provider_id: providerId,
  thread_id: threadId,
}: {
  provider_id: string | null;
  thread_id: string | null;
}): PreviousMessage {
  return { ...(providerId === null ? {} : { providerId }), ...(threadId === null ? {} : { threadId }) };
}

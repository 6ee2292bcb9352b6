import type { NotifierRequest, NotifyReceipt } from '@flotilla/contracts';
import { UnavailableError } from '@flotilla/kernel';
import type { Database } from '@flotilla/persistence';
import type { DeliverIntent } from '../deliveries/deliver-intent.js';
import { insertIntents } from '../deliveries/insert-intents.pg.js';
import { newTestIntent } from '../deliveries/intent.js';
import type { PgIntents } from '../deliveries/intents.store.pg.js';
import { readReceipt } from '../deliveries/receipts.pg.js';
import { CLAIM_MS } from '../deliveries/run-deliveries.js';

export interface SendTestParts {
  database: Database;
  intents: PgIntents;
  deliver: DeliverIntent;
  now: () => number;
  signal: AbortSignal;
}

/** Sends one message now, past the queue and the breaker; one attempt, whose receipt is kept with the others. */
export async function sendTest(
  { database, intents, deliver, now, signal }: SendTestParts,
  request: NotifierRequest<'test'>,
): Promise<NotifyReceipt> {
  const at = new Date(now());
  // Not due before it is in the past, so that no copy takes it from the queue.
  const intent = newTestIntent(request.service, request.recipient, new Date(at.getTime() + CLAIM_MS));
  await insertIntents(database, [intent], Number.MAX_SAFE_INTEGER, at);
  const claimed = await intents.claimOne(intent.id, at, CLAIM_MS);
  if (!claimed) throw new UnavailableError('the test was taken by another copy of the notifier; look at flotilla notify receipts');
  await deliver.run(claimed, signal, { isLast: true });
  return (await readReceipt(database, intent.id))!;
}

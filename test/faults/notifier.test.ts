import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { notifierVerbs } from '@flotilla/contracts';
import { until } from '@flotilla/demo';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApplications, readMessages, subscribe } from '../bench/notify/notifications.js';
import { ServiceStage } from '../bench/run/service-stage.js';
import { worldDirectory } from '../scenarios/stage/play-short.js';
import { seeded, seedOfRun } from '../scenarios/stage/seed.js';
import { HoldingSink } from './stage/holding-sink.js';

/** Messages that a notifier has in hand at once. */
const IN_HAND = 8;
const EVENTS = 30;

let directory: string;
let stage: ServiceStage;
let sink: HoldingSink;

beforeAll(async () => {
  directory = worldDirectory();
  sink = await HoldingSink.start();
  const settings = { FLOTILLA_NOTIFIER_ALLOW_ADDRESSES: '127.0.0.1/32', FLOTILLA_NOTIFIER_CONCURRENCY: String(IN_HAND) };
  stage = await ServiceStage.start({ directory: join(directory, 'stage'), service: 'notifier', self: 'gateway', settings });
  await subscribe(stage, sink.url);
}, 60_000);

afterAll(async () => {
  await stage?.stop();
  sink?.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}, 30_000);

beforeEach(async () => {
  sink.arrivals.length = 0;
  sink.hold = () => false;
  await stage.platform.database.query('TRUNCATE notifier.intents CASCADE');
});

const names = (prefix: string): string[] => Array.from({ length: EVENTS }, (_, i) => `${prefix}-${i}`);

/** Starts the notifier again, a minute later by its claims: nobody takes up what a copy that may still live has in hand. */
async function startAgain(): Promise<void> {
  await stage.platform.database.query(`UPDATE notifier.intents SET claimed_until = now() WHERE state = 'sending'`);
  await stage.begin();
}

function untilAllSent(count: number) {
  return until('every message to be sent', async () => {
    const messages = await readMessages(stage);
    return messages.length === count && messages.every(({ state }) => state === 'sent') ? messages : undefined;
  });
}

/** Nothing is lost, and whatever arrived twice says so and has the same key; answers how many did. */
function duplicates(expected: readonly string[]): number {
  const groups = [...sink.byKey.values()];
  expect(groups.map(([first]) => first!.about).toSorted()).toEqual(expected.toSorted());
  for (const [first, ...further] of groups) {
    expect(further.map(({ about, isMarked }) => ({ about, isMarked }))).toEqual(
      further.map(() => ({ about: first!.about, isMarked: true })),
    );
  }
  return sink.arrivals.length - groups.length;
}

describe('kill -9 of the notifier', () => {
  test('between send and receipt: what was in doubt is sent again under its key and marked, all else once', {
    timeout: 60_000,
  }, async () => {
    console.log("again: npm run faults -- notifier -t 'between send and receipt'");
    const expected = names('doubt');
    sink.hold = () => true;
    await createApplications(stage, expected);
    await until('the sink to hold all that the notifier has in hand', async () => sink.arrivals.length === IN_HAND);
    const inDoubt = new Set(sink.arrivals.map(({ key }) => key));
    await stage.process.kill();
    sink.hold = () => false;
    await startAgain();
    const messages = await untilAllSent(EVENTS);

    expect(duplicates(expected)).toBe(IN_HAND);
    const again = messages.filter(({ attempts }) => attempts === 2);
    expect(new Set(again.map(({ id }) => id))).toEqual(inDoubt);
    expect(messages.filter(({ may_be_duplicate }) => may_be_duplicate).map(({ id }) => id)).toEqual(again.map(({ id }) => id));
    const { items } = await stage.self.bus.ask(
      'notifier',
      'receipts',
      { limit: EVENTS },
      {
        reply: notifierVerbs.receipts.reply,
      },
    );
    expect(items.filter(({ mayBeDuplicate, attempts }) => mayBeDuplicate && attempts === 2)).toHaveLength(IN_HAND);
    expect(items.every(({ state }) => state === 'sent')).toBe(true);
    console.log(`${EVENTS} messages, 0 lost; ${IN_HAND} in doubt at the kill, each sent again and marked as a possible duplicate`);
  });

  test('anywhere between the first event and the last receipt, three times: nothing is lost, second ones are marked', {
    timeout: 90_000,
  }, async () => {
    const seed = seedOfRun();
    const random = seeded(seed);
    console.log(`seed ${seed}; again: FLOTILLA_SEED=${seed} npm run faults -- notifier -t anywhere`);
    const expected: string[] = [];
    for (const life of [1, 2, 3]) {
      const fresh = names(`life-${life}`);
      const before = sink.arrivals.length;
      const after = 1 + Math.floor(random() * EVENTS);
      const struck = new Promise<void>((resolve) => {
        sink.hold = (count) => {
          if (count - before === after) resolve(stage.process.kill());
          return false;
        };
      });
      expected.push(...fresh);
      await createApplications(stage, fresh);
      await struck;
      await startAgain();
    }
    const messages = await untilAllSent(expected.length);

    const twice = duplicates(expected);
    expect(twice).toBeLessThanOrEqual(3 * IN_HAND);
    // What was claimed and never left counts an attempt too: the receipts err on the honest side.
    const attempts = messages.reduce((sum, message) => sum + message.attempts, 0);
    expect(attempts).toBeGreaterThanOrEqual(sink.arrivals.length);
    for (const [key, arrivals] of sink.byKey)
      if (arrivals.length > 1) expect(messages.find(({ id }) => id === key)?.may_be_duplicate).toBe(true);
    console.log(`${expected.length} messages over three kills: 0 lost, ${twice} arrived twice and say so, ${attempts} attempts`);
  });
});

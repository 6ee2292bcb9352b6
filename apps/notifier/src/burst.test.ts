import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { degraded, NotifierUnderTest, subscribe } from './testing/notifier-under-test.js';

const BURST = 200;

let test: NotifierUnderTest;
beforeEach(async () => {
  test = await NotifierUnderTest.start();
  await test.keep({ 'slack-token': 'xoxb-canary-4711' });
  await test.configure({ 'service.webhook': 'token: x' });
});
afterEach(() => test.stop());

const toWebhook = subscribe('on-created', '', 'webhook');
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `app-${i}`);
const receipts = async (notifier: ReturnType<NotifierUnderTest['open']>) => (await notifier.uses.receipts({ limit: 200 })).items;

describe('a burst', () => {
  it('takes fewer statements than it has messages, from the log to their receipts', async () => {
    const notifier = test.open({ concurrency: 32 });
    await notifier.idle();
    for (const name of names(BURST)) await test.application(name, toWebhook);
    test.database.statements = 0;
    await notifier.idle();
    const { statements } = test.database;
    expect(test.webhook.sent).toHaveLength(BURST);
    expect(new Set(test.webhook.sent.map(({ context }) => context.idempotencyKey)).size).toBe(BURST);
    expect((await receipts(notifier)).map(({ state, attempts }) => [state, attempts])).toEqual(names(BURST).map(() => ['sent', 1]));
    expect(statements).toBeLessThan(BURST);
  });

  it('about one thing is told in its order, one message after the other', async () => {
    const notifier = test.open({ concurrency: 32, stormLimit: 100 });
    await notifier.idle();
    let underWay = 0;
    let most = 0;
    test.slack.answer = async () => {
      most = Math.max(most, ++underWay);
      await new Promise<void>((resolve) => void setImmediate(resolve));
      underWay--;
      return {};
    };
    const phases = ['Running', 'Failed', 'Running', 'Failed', 'Running', 'Failed'];
    await test.application('shop', { ...subscribe('on-sync-running'), ...subscribe('on-sync-failed') });
    for (const phase of phases) {
      await test.report('shop', { operationState: { phase } });
      await notifier.uses.poll();
    }
    await notifier.idle();
    expect(test.slack.titles.map((title) => (title.includes('runs') ? 'Running' : 'Failed'))).toEqual(phases);
    expect(most).toBe(1);
  });

  it('for a service that hangs leaves places for the others', async () => {
    const notifier = test.open({ concurrency: 10, stormLimit: 100 });
    await notifier.idle();
    let answerAll: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => {
      answerAll = resolve;
    });
    test.slack.answer = async () => {
      await answered;
      return {};
    };
    for (const name of names(12)) await test.application(name, subscribe('on-created'));
    await notifier.uses.poll();
    for (const name of names(30)) await test.application(`hook-${name}`, toWebhook);
    const idle = notifier.idle();
    while (test.webhook.sent.length < 30) await new Promise<void>((resolve) => void setImmediate(resolve));
    expect(test.slack.sent).toHaveLength(8);
    answerAll();
    await idle;
    expect(test.slack.sent).toHaveLength(12);
  });
});

describe('a look that finds nothing', () => {
  it('costs a handful of statements', async () => {
    const notifier = test.open();
    await notifier.idle();
    test.database.statements = 0;
    await notifier.uses.poll();
    expect(test.database.statements).toBeLessThanOrEqual(8);
  });
});

describe('a receipt that cannot be written', () => {
  it('leaves its message in doubt, to be sent again under its key and marked, and keeps the receipts written with it', async () => {
    const notifier = test.open({ concurrency: 32 });
    await notifier.idle();
    await test.database.query(`ALTER TABLE notifier.intents ADD CONSTRAINT poison CHECK (detail <> 'app-3 is poison')`);
    test.webhook.answer = ({ message }) => ({ detail: message.title.includes('app-3 ') ? 'app-3 is poison' : 'fine' });
    for (const name of names(8)) await test.application(name, toWebhook);
    await notifier.idle();
    const before = await receipts(notifier);
    expect(before.filter(({ state }) => state === 'sent')).toHaveLength(7);
    expect(before.filter(({ state }) => state === 'sending').map(({ about }) => about)).toEqual(['Application/argocd/app-3']);
    await test.database.query('ALTER TABLE notifier.intents DROP CONSTRAINT poison');
    test.clock.advance(61_000);
    await notifier.idle();
    const [first, again] = test.webhook.sent.filter(({ message }) => message.title.includes('app-3 ')).map(({ context }) => context);
    expect(test.webhook.sent).toHaveLength(9);
    expect(again).toMatchObject({ attempt: 2, isPossibleDuplicate: true, idempotencyKey: first!.idempotencyKey });
    const last = (await receipts(notifier)).find(({ about }) => about?.endsWith('app-3'));
    expect(last).toMatchObject({ state: 'sent', mayBeDuplicate: true, attempts: 2 });
  });

  it('is none for a character that PostgreSQL refuses', async () => {
    const notifier = test.open();
    await notifier.idle();
    test.slack.answer = () => ({ providerId: 'a\0b', detail: 'posted\0' });
    await test.application('shop', subscribe('on-health-degraded'));
    await test.report('shop', degraded);
    await notifier.idle();
    expect(await receipts(notifier)).toMatchObject([{ state: 'sent', providerId: 'ab', detail: 'posted', attempts: 1 }]);
  });
});

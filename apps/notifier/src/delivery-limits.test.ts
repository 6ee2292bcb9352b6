import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChannelError } from './channels/channel.errors.js';
import { degraded, healthy, NotifierUnderTest, subscribe } from './testing/notifier-under-test.js';

let test: NotifierUnderTest;
beforeEach(async () => {
  test = await NotifierUnderTest.start();
  await test.keep({ 'slack-token': 'xoxb-canary-4711' });
  await test.configure({});
});
afterEach(() => test.stop());

const breakDown = async (name: string, annotations = subscribe('on-health-degraded')) => {
  await test.application(name, annotations);
  await test.report(name, degraded);
};
const down = () => {
  throw new ChannelError('slack to #alerts: no answer', { code: 'slack-unavailable', retry: 'later' });
};
const receipts = async (notifier: ReturnType<NotifierUnderTest['open']>) => (await notifier.uses.receipts({})).items;

describe('a service that is away', () => {
  it('is left alone after five failures, tried with one message at a time, and loses none', async () => {
    const notifier = test.open({ concurrency: 2, stormLimit: 100 });
    await notifier.idle();
    const { answer } = test.slack;
    test.slack.answer = down;
    for (let i = 0; i < 8; i++) await breakDown(`app-${i}`);
    await notifier.idle();
    const atFirst = test.slack.sent.length;
    expect(atFirst).toBeLessThanOrEqual(6);
    await notifier.idle();
    expect(test.slack.sent).toHaveLength(atFirst);
    for (let minute = 0; minute < 60; minute++) {
      test.clock.advance(60_000);
      await notifier.idle();
    }
    expect(test.slack.sent.length).toBeLessThan(atFirst + 30);
    test.slack.answer = answer;
    for (let i = 0; i < 10; i++) {
      test.clock.advance(300_000);
      await notifier.idle();
    }
    expect((await receipts(notifier)).map(({ state }) => state)).toEqual(Array.from({ length: 8 }, () => 'sent'));
  });

  it('has a bounded backlog; what is beyond it can be replayed', async () => {
    const notifier = test.open({ maxBacklog: 3, stormLimit: 100 });
    await notifier.idle();
    test.slack.answer = down;
    for (let i = 0; i < 6; i++) await test.application(`app-${i}`, subscribe('on-health-degraded'));
    for (let i = 0; i < 6; i++) await test.report(`app-${i}`, degraded);
    await notifier.idle();
    expect((await receipts(notifier)).filter(({ error }) => error?.code === 'backlog-full')).toHaveLength(3);
  });
});

describe('a storm', () => {
  it('becomes as many messages as a rule may have in a minute, and one that counts the others', async () => {
    const notifier = test.open({ stormLimit: 3 });
    await notifier.idle();
    for (let i = 0; i < 10; i++)
      await test.application(`app-${i}`, { ...subscribe('on-health-degraded'), ...subscribe('on-created', '', 'webhook') });
    for (let i = 0; i < 10; i++) await test.report(`app-${i}`, degraded);
    await test.configure({ 'service.webhook': 'token: x' });
    await notifier.idle();
    expect(test.slack.sent).toHaveLength(3);
    expect(test.channels[2].sent).toHaveLength(10);
    test.clock.advance(60_000);
    await notifier.idle();
    expect(test.slack.sent).toHaveLength(4);
    expect(test.slack.sent[3]?.message.title).toBe('on-health-degraded: 7 more in the same minute');
    expect(test.slack.sent[3]?.message.body).toContain('- app-9');
    await test.report('app-0', healthy);
    await test.report('app-0', degraded);
    await notifier.idle();
    expect(test.slack.sent).toHaveLength(5);
  });
});

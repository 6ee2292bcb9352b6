import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChannelError } from './channels/channel.errors.js';
import { degraded, NotifierUnderTest, subscribe } from './testing/notifier-under-test.js';

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
const receipts = async (notifier: ReturnType<NotifierUnderTest['open']>) => (await notifier.uses.receipts({})).items;

describe('a message', () => {
  it('that meets a full provider waits as long as it is told, and has a receipt', async () => {
    const notifier = test.open();
    await notifier.idle();
    const { answer } = test.slack;
    test.slack.answer = () => {
      throw new ChannelError('slack: too many', {
        code: 'slack-rate-limited',
        retry: 'later',
        retryAfterMs: 90_000,
        isProviderDown: false,
      });
    };
    await breakDown('shop');
    await notifier.idle();
    expect(await receipts(notifier)).toMatchObject([
      {
        state: 'waiting',
        attempts: 1,
        about: 'Application/argocd/shop',
        error: { code: 'slack-rate-limited' },
        nextAttemptAt: '2026-06-01T12:01:30.000Z',
      },
    ]);
    test.slack.answer = answer;
    test.clock.advance(89_000);
    await notifier.idle();
    expect(test.slack.sent).toHaveLength(1);
    test.clock.advance(1_000);
    await notifier.idle();
    expect(test.slack.sent.map(({ context }) => [context.attempt, context.isPossibleDuplicate])).toEqual([
      [1, false],
      [2, false],
    ]);
    expect(await receipts(notifier)).toMatchObject([{ state: 'sent', attempts: 2, providerId: 'id-2', mayBeDuplicate: false }]);
  });

  it('that is refused for ever is a dead letter at once, and is replayed when asked', async () => {
    const notifier = test.open();
    await notifier.idle();
    const { answer } = test.slack;
    test.slack.answer = () => {
      throw new ChannelError('slack: channel_not_found for xoxb-canary-4711', { code: 'slack-channel-not-found', retry: 'never' });
    };
    await breakDown('shop');
    await notifier.idle();
    const [dead] = await receipts(notifier);
    expect(dead).toMatchObject({
      state: 'dead',
      error: { code: 'slack-channel-not-found', message: 'slack: channel_not_found for ++++++++' },
    });
    test.slack.answer = answer;
    expect(await notifier.uses.replay({ id: dead!.id.slice(0, 12), actor: 'ann' })).toMatchObject({
      message: expect.stringContaining('sent again'),
    });
    await notifier.idle();
    expect((await receipts(notifier))[0]).toMatchObject({ state: 'sent', attempts: 2 });
    expect(await notifier.uses.replay({ id: dead!.id, actor: 'ann' })).toMatchObject({ error: { code: 'conflict' } });
    expect(await notifier.uses.replay({ id: 'abcdef', actor: 'ann' })).toMatchObject({ error: { code: 'not-found' } });
  });

  it('that fails with its own errors is tried eight times with growing pauses', async () => {
    const notifier = test.open();
    await notifier.idle();
    test.slack.answer = () => {
      throw new Error('odd');
    };
    await breakDown('shop');
    await notifier.idle();
    for (let i = 0; i < 12; i++) {
      test.clock.advance(300_000);
      await notifier.idle();
    }
    expect(test.slack.sent).toHaveLength(8);
    expect(await receipts(notifier)).toMatchObject([{ state: 'dead', attempts: 8, error: { code: 'unexpected' } }]);
  });

  it('whose template fails is a dead letter that names template and line, and is right after the template is', async () => {
    const bad = 'message: |\n  first\n  {{ index .app.spec.nothing 3 }}';
    await test.configure({ 'template.app-health-degraded': bad });
    const notifier = test.open();
    await notifier.idle();
    await breakDown('shop');
    await breakDown('web', subscribe('on-created'));
    await notifier.idle();
    const dead = (await receipts(notifier)).find(({ state }) => state === 'dead')!;
    expect(dead.error?.message).toMatch(/template app-health-degraded: template: message:2:\d+: executing/);
    expect(test.slack.titles).toEqual(['alerts: Application web was created.']);
    await test.configure({ 'template.app-health-degraded': 'message: it is {{ .app.metadata.name }}' });
    await notifier.uses.replay({ id: dead.id, actor: 'ann' });
    await notifier.idle();
    expect(test.slack.titles[1]).toBe('alerts: it is shop');
  });

  it('for a service that lacks its secret names the reference, not a value', async () => {
    await test.configure({ 'service.slack': 'token: $slack-tokn' });
    const notifier = test.open();
    await notifier.idle();
    await breakDown('shop');
    await notifier.idle();
    expect((await receipts(notifier))[0]?.error?.message).toBe(
      'service.slack refers to $slack-tokn, which Secret argocd-notifications-secret does not hold; add it there',
    );
    expect((await notifier.uses.check()).findings.map(({ key }) => key)).toEqual(['service.slack']);
  });
});

describe('a copy that is killed between send and receipt', () => {
  it('leaves a message that is sent again, marked as a possible duplicate, with the same key', async () => {
    const first = test.open();
    await first.idle();
    // The provider takes the message and the process never hears of it.
    test.slack.answer = () => new Promise(() => undefined);
    await breakDown('shop');
    void first.idle();
    while (test.slack.sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = test.open();
    test.slack.answer = () => ({ providerId: 'second' });
    await second.idle();
    expect(test.slack.sent).toHaveLength(1);
    test.clock.advance(61_000);
    await second.idle();
    const [before, again] = test.slack.sent.map(({ context }) => context);
    expect(again).toMatchObject({ attempt: 2, isPossibleDuplicate: true, idempotencyKey: before!.idempotencyKey });
    expect(await receipts(second)).toMatchObject([{ state: 'sent', attempts: 2, mayBeDuplicate: true, providerId: 'second' }]);
    const attempts = await test.database.query('SELECT attempt, outcome FROM notifier.attempts ORDER BY attempt');
    expect(attempts).toEqual([
      { attempt: 1, outcome: null },
      { attempt: 2, outcome: 'sent' },
    ]);
  });
});

describe('messages about one thing', () => {
  it('keep their order while an earlier one is tried again, and others go on', async () => {
    const notifier = test.open({ concurrency: 8 });
    await notifier.idle();
    const { answer } = test.slack;
    let failures = 0;
    test.slack.answer = (delivery) => {
      if (delivery.message.body.includes('shop') && failures++ < 2) throw new Error('once more');
      return answer(delivery);
    };
    await test.application('shop', { ...subscribe('on-sync-running'), ...subscribe('on-sync-failed') });
    await test.application('web', subscribe('on-sync-failed'));
    for (const phase of ['Running', 'Failed']) await test.report('shop', { operationState: { phase } });
    await test.report('web', { operationState: { phase: 'Failed' } });
    for (let i = 0; i < 4; i++) {
      await notifier.idle();
      test.clock.advance(10_000);
    }
    const done = test.slack.sent.map(({ message }) => message.title.replace(/Application |application /, ''));
    expect(done.filter((title) => title.includes('shop'))).toEqual([
      'A sync of shop runs.',
      'A sync of shop runs.',
      'A sync of shop runs.',
      'The sync of shop failed:',
    ]);
    expect(done.indexOf('The sync of web failed:')).toBeLessThan(2);
  });
});

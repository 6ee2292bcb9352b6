import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { degraded, healthy, NotifierUnderTest, subscribe } from './testing/notifier-under-test.js';

let test: NotifierUnderTest;
beforeEach(async () => {
  test = await NotifierUnderTest.start();
  await test.keep({ 'slack-token': 'xoxb-canary' });
  await test.configure({});
});
afterEach(() => test.stop());

const projectOf = (annotations: Record<string, string>) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'default', namespace: 'argocd', annotations },
  spec: {},
});

describe('an application', () => {
  it('that becomes degraded is told once, and again after it was healthy', async () => {
    const notifier = test.open();
    await notifier.idle();
    await test.application('shop', subscribe('on-health-degraded'));
    await test.report('shop', healthy);
    await test.report('shop', degraded);
    await notifier.idle();
    expect(test.slack.titles).toEqual(['alerts: Application shop is degraded.']);
    await test.report('shop', { ...degraded, sync: { status: 'OutOfSync' } });
    await notifier.idle();
    expect(test.slack.sent).toHaveLength(1);
    await test.report('shop', healthy);
    await test.report('shop', degraded);
    await notifier.idle();
    expect(test.slack.sent).toHaveLength(2);
    expect(test.slack.sent[0]?.config).toEqual({ token: 'xoxb-canary' });
    expect(new Set(test.slack.sent.map(({ context }) => context.idempotencyKey)).size).toBe(2);
  });

  it('whose phases pass between two looks is told of each', async () => {
    const notifier = test.open();
    await notifier.idle();
    await test.application('shop', { ...subscribe('on-sync-running'), ...subscribe('on-sync-failed') });
    for (const phase of ['Running', 'Failed', 'Running', 'Failed']) await test.report('shop', { operationState: { phase } });
    await notifier.idle();
    expect(test.slack.titles.map((title) => title.replace('alerts: ', ''))).toEqual([
      'A sync of application shop runs.',
      'The sync of application shop failed:',
      'A sync of application shop runs.',
      'The sync of application shop failed:',
    ]);
  });

  it('is told of a commit once, whatever happens in between (oncePer)', async () => {
    const notifier = test.open();
    await notifier.idle();
    await test.application('shop', subscribe('on-deployed'));
    const at = (revision: string) => ({ operationState: { phase: 'Succeeded' }, sync: { status: 'Synced', revision } });
    await test.report('shop', { ...at('a'), ...healthy });
    await test.report('shop', { ...at('a'), ...degraded });
    await test.report('shop', { ...at('a'), ...healthy });
    await notifier.idle();
    expect(test.slack.titles).toEqual(['alerts: Application shop runs revision a and is healthy.']);
    // Nothing that the log keeps of a status has moved: only the commit.
    await test.report('shop', { ...at('b'), ...healthy });
    await notifier.idle();
    expect(test.slack.titles[1]).toBe('alerts: Application shop runs revision b and is healthy.');
  });

  it('is not judged by a state that is older than the end of its operation', async () => {
    const notifier = test.open();
    await notifier.idle();
    await test.application('shop', { ...subscribe('on-deployed'), ...subscribe('on-sync-succeeded', 'ops') });
    const operationState = { phase: 'Succeeded', finishedAt: '2026-06-01T11:00:00Z' };
    const sync = { status: 'Synced', revision: 'a' };
    await test.report('shop', { ...healthy, sync, operationState, observedAt: '2026-06-01T10:59:00Z' });
    await notifier.idle();
    expect(test.slack.sent).toEqual([]);
    await test.report('shop', { ...degraded, sync, operationState, observedAt: '2026-06-01T11:00:01Z' });
    await notifier.idle();
    expect(test.slack.titles).toEqual(['ops: Application shop was synced at 2026-06-01T11:00:00Z.']);
  });

  it('whose state stays older than its operation is judged after a minute all the same', async () => {
    const notifier = test.open();
    await notifier.idle();
    await test.application('shop', subscribe('on-sync-failed'));
    await test.report('shop', { operationState: { phase: 'Failed', finishedAt: '2026-06-01T11:00:00Z' } });
    await notifier.idle();
    test.clock.advance(61_000);
    await notifier.uses.sweep();
    await notifier.idle();
    expect(test.slack.sent).toHaveLength(1);
  });

  it('that is deleted is told of, also where the deletion is the first news', async () => {
    const notifier = test.open();
    await notifier.idle();
    await test.application('shop', { ...subscribe('on-created'), ...subscribe('on-deleted') });
    await test.remove('Application', 'shop');
    await notifier.idle();
    expect(test.slack.titles).toEqual(['alerts: Application shop was created.', 'alerts: Application shop is being deleted.']);
    expect(await test.database.query('SELECT * FROM notifier.states')).toEqual([]);
  });

  it('is judged again when a condition reads the clock', async () => {
    await test.configure({
      'trigger.on-stuck':
        '- when: time.Now().Sub(time.Parse(app.status.operationState.startedAt)).Minutes() >= 5\n  send: [app-sync-running]',
    });
    const notifier = test.open();
    await notifier.idle();
    await test.application('shop', subscribe('on-stuck'));
    await test.report('shop', { operationState: { phase: 'Running', startedAt: '2026-06-01T11:58:00Z' } });
    await notifier.idle();
    await notifier.uses.sweep();
    expect(test.slack.sent).toEqual([]);
    test.clock.advance(4 * 60_000);
    await notifier.uses.sweep();
    await notifier.idle();
    expect(test.slack.sent).toHaveLength(1);
  });
});

describe('subscriptions', () => {
  it('come from the application, its project, legacy annotations and the ConfigMap, each destination once', async () => {
    await test.configure({
      defaultTriggers: '[on-health-degraded]',
      subscriptions:
        '- recipients: [slack:global, slack:alerts]\n  triggers: [on-health-degraded]\n  selector: team=shop\n- recipients: [email:all@example.com]',
      'service.email': 'token: x',
    });
    const notifier = test.open();
    await notifier.idle();
    await test.put(
      projectOf({
        ...subscribe('on-health-degraded', 'project;alerts'),
        'recipients.argocd-notifications.argoproj.io': 'slack:legacy',
      }),
    );
    await test.application(
      'shop',
      {
        ...subscribe('on-health-degraded'),
        'notifications.argoproj.io/subscribe.slack': 'by-default',
        'notifications.argoproj.io/subscriptions':
          '- trigger: [on-health-degraded]\n  destinations:\n  - service: slack\n    recipients: [yaml]\n',
      },
      { team: 'shop' },
    );
    await test.report('shop', degraded);
    await notifier.idle();
    expect(test.slack.sent.map(({ message }) => message.recipient).toSorted()).toEqual(
      ['alerts', 'by-default', 'global', 'legacy', 'project', 'yaml'].toSorted(),
    );
    expect(test.channels[1].sent.map(({ message }) => message.recipient)).toEqual(['all@example.com']);
  });
});

describe('the first start', () => {
  it('takes what is so as said, and tells what comes after', async () => {
    await test.application('shop', subscribe('on-health-degraded'));
    await test.report('shop', degraded);
    const notifier = test.open();
    await notifier.idle();
    expect(test.slack.sent).toEqual([]);
    await test.report('shop', healthy);
    await test.report('shop', degraded);
    await notifier.idle();
    expect(test.slack.sent).toHaveLength(1);
  });

  it('after a pause longer than the log tells what has changed since', async () => {
    const first = test.open();
    await test.application('shop', subscribe('on-health-degraded'));
    await test.application('web', subscribe('on-health-degraded'));
    await test.report('web', degraded);
    await first.idle();
    await test.report('shop', degraded);
    await test.database.query(`UPDATE resources.clock SET floor_rv = rv WHERE kind = 'Application'`);
    await first.idle();
    expect(test.slack.titles).toEqual(['alerts: Application shop is degraded.']);
  });
});

describe('several copies', () => {
  it('say everything once', async () => {
    const copies = [test.open(), test.open(), test.open()];
    await copies[0]!.idle();
    for (let i = 0; i < 10; i++) {
      await test.application(`app-${i}`, subscribe('on-health-degraded'));
      await test.report(`app-${i}`, degraded);
      await Promise.all(copies.map((copy) => copy.idle()));
    }
    await Promise.all(copies.map((copy) => copy.idle()));
    expect(test.slack.titles.toSorted()).toEqual(Array.from({ length: 10 }, (_, i) => `alerts: Application app-${i} is degraded.`));
  });
});

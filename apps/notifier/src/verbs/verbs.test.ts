import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChannelError } from '../channels/channel.errors.js';
import { NotifierUnderTest, subscribe } from '../testing/notifier-under-test.js';

let test: NotifierUnderTest;
beforeEach(async () => {
  test = await NotifierUnderTest.start();
  await test.keep({ 'slack-token': 'xoxb-canary-4711' });
  await test.configure({});
});
afterEach(() => test.stop());

const down = () => {
  throw new ChannelError('slack to #alerts: no answer', { code: 'slack-unavailable', retry: 'later' });
};

describe('a person', () => {
  it('may test a service and see the receipt of it', async () => {
    const notifier = test.open();
    expect(await notifier.uses.test({ service: 'slack', recipient: 'alerts', actor: 'ann' })).toMatchObject({
      state: 'sent',
      type: 'test',
      providerId: 'id-1',
    });
    expect(test.slack.titles).toEqual(['alerts: Test of Flotilla notifications']);
    test.slack.answer = down;
    expect(await notifier.uses.test({ service: 'slack', recipient: 'alerts', actor: 'ann' })).toMatchObject({
      state: 'dead',
      error: { code: 'slack-unavailable' },
    });
    expect(await notifier.uses.test({ service: 'slak', recipient: '', actor: 'ann' })).toMatchObject({
      state: 'dead',
      error: { message: expect.stringContaining('did you mean slack') },
    });
  });

  it('is told of subscriptions that lead nowhere', async () => {
    const notifier = test.open();
    await test.application('shop', {
      ...subscribe('on-sync-faild'),
      ...subscribe('on-sync-failed', 'x', 'slak'),
      'notifications.argoproj.io/subscribed.on-x.slack': 'x',
      'notifications.argoproj.io/subscriptions': 'nothing',
    });
    expect((await notifier.uses.check()).findings.map(({ key, message }) => `${key} ${message}`)).toEqual([
      'Application/argocd/shop annotation notifications.argoproj.io/subscribed.on-x.slack subscribes to nothing; write notifications.argoproj.io/subscribe.TRIGGER.SERVICE',
      'Application/argocd/shop subscribes to trigger on-sync-faild, which does not exist; did you mean on-sync-failed',
      'Application/argocd/shop subscribes to service slak, which does not exist; did you mean slack',
    ]);
  });

  it('sees what a trigger would send, with secrets masked, and nothing is sent', async () => {
    await test.configure({
      'trigger.on-x': "- when: app.metadata.name == 'shop'\n  oncePer: app.metadata.name\n  send: [x]",
      'template.x':
        'message: |\n  {{.app.metadata.name}} {{.secrets.nothing}} {{index .secrets "slack-token"}} {{.serviceType}} to {{.recipient}}',
    });
    const notifier = test.open();
    await test.application('shop', subscribe('on-x'));
    const preview = await notifier.uses.preview({
      kind: 'Application',
      namespace: 'argocd',
      name: 'shop',
      trigger: 'on-x',
      recipient: 'me',
    });
    expect(preview).toEqual({
      conditions: [{ trigger: 'on-x', when: "app.metadata.name == 'shop'", holds: true, oncePer: 'shop' }],
      messages: [
        { template: 'x', service: 'slack', title: 'shop <no value> ++++++++ slack to me', body: 'shop <no value> ++++++++ slack to me\n' },
      ],
      destinations: [{ trigger: 'on-x', service: 'slack', recipient: 'alerts' }],
    });
    expect(test.slack.sent).toEqual([]);
    expect(await notifier.uses.preview({ kind: 'Application', namespace: 'argocd', name: 'nope', trigger: 'on-x' })).toMatchObject({
      error: { code: 'not-found' },
    });
  });
});

it('a message renders Argo CD templates with functions, int64 numbers and secrets as text', async () => {
  await test.configure({
    'template.app-created':
      'message: |\n  {{(call .time.Parse "2026-06-01T10:00:00+02:00").UTC.Format "15:04"}} {{call .repo.RepoURLToHTTPS .app.spec.source.repoURL}} {{call .strings.ToUpper .app.metadata.name}} {{.app.metadata.generation}} {{index .secrets "slack-token"}} {{.appProject}}',
  });
  const notifier = test.open();
  await notifier.idle();
  await test.application('shop', subscribe('on-created'));
  await notifier.idle();
  expect(test.slack.sent[0]?.message.body.trim()).toBe('08:00 https://git.example.com/shop SHOP 1 xoxb-canary-4711 <no value>');
  const stored = await test.database.query<{ text: string }>(
    'SELECT coalesce(string_agg(t::text, chr(10)), $1) AS text FROM notifier.intents t',
    [''],
  );
  const events = await test.database.query<{ text: string }>('SELECT string_agg(t::text, chr(10)) AS text FROM notifier.events t');
  expect(stored[0]!.text + events[0]!.text).not.toContain('xoxb-canary-4711');
});

import { type HttpFaults, type SlackServer, startSlackServer, startSmtpServer, startWebhookSink } from '@flotilla/sinks';
import { silentLogger } from '@flotilla/telemetry';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNotifier, type Notifier } from '../create-notifier.js';
import { degraded, healthy, NotifierUnderTest, subscribe } from '../testing/notifier-under-test.js';
import { CHANNELS } from './registry.js';

const config = { concurrency: 4, stormLimit: 20, maxBacklog: 1_000, allowAddresses: ['127.0.0.1/32'], probeHost: '', probePort: 0 };

let world: NotifierUnderTest;
let notifier: Notifier;
let faults: HttpFaults;
let slack: SlackServer;
const open: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  world = await NotifierUnderTest.start();
  faults = {};
  slack = await startSlackServer({ token: 'xoxb-canary', channels: [{ id: 'C001', name: 'alerts' }], faults });
  open.push(slack);
  const { database, store, keyring, clock } = world;
  notifier = createNotifier(config, { database, store, keyring, clock, channels: CHANNELS, random: () => 0.5, logger: silentLogger });
});
afterEach(async () => {
  await notifier.stop();
  await world.stop();
  await Promise.all(open.splice(0).map((server) => server.close()));
});

test('one event reaches Slack, a mailbox and a signed webhook, rendered from one template', async () => {
  const now = () => world.clock.now();
  const mail = await startSmtpServer({ users: { fleet: 'canary-password' }, plainLogin: true });
  const sink = await startWebhookSink({ hmacSecret: 'canary-hmac-secret', now });
  open.push(mail, sink);
  await world.keep({ 'slack-token': 'xoxb-canary', 'mail-password': 'canary-password', hmac: 'canary-hmac-secret' });
  await world.configure({
    'service.slack': `{token: $slack-token, apiURL: "${slack.apiUrl}"}`,
    'service.email': `{host: 127.0.0.1, port: ${mail.port}, username: fleet, password: $mail-password, from: fleet@example.com, allowPlainOnLoopback: true}`,
    'service.webhook.tickets': `{url: "${sink.url}", hmacSecret: $hmac}`,
    'trigger.on-health-degraded': "[{when: app.status.health.status == 'Degraded', send: [bad]}]",
    'template.bad': [
      'message: "{{.app.metadata.name}} is degraded"',
      'email: {subject: "{{.app.metadata.name}}: degraded"}',
      `slack: {attachments: '[{"title": {{.app.metadata.name | toJson}}}]'}`,
      `webhook: {tickets: {method: POST, path: "/{{.app.metadata.name}}", body: '{"app": {{.app.metadata.name | toJson}}}'}}`,
    ].join('\n'),
  });
  await notifier.idle();
  await world.application('shop', {
    ...subscribe('on-health-degraded'),
    ...subscribe('on-health-degraded', 'ops@example.com', 'email'),
    ...subscribe('on-health-degraded', '', 'tickets'),
  });
  await world.report('shop', degraded);
  await notifier.idle();
  expect(slack.messages).toMatchObject([{ text: 'shop is degraded', attachments: [{ title: 'shop' }] }]);
  expect(mail.mails).toMatchObject([{ to: ['ops@example.com'], subject: 'shop: degraded', text: 'shop is degraded', user: 'fleet' }]);
  expect(sink.received).toMatchObject([{ method: 'POST', path: '/shop', body: '{"app": "shop"}', signature: 'valid' }]);
  const { items } = await notifier.uses.receipts({});
  expect(items.map(({ state }) => state)).toEqual(['sent', 'sent', 'sent']);
  expect(JSON.stringify(items)).not.toContain('canary');
});

test('an answer that is lost makes the next attempt a possible duplicate, and says so', async () => {
  await world.keep({ 'slack-token': 'xoxb-canary' });
  await world.configure({ 'service.slack': `{token: $slack-token, apiURL: "${slack.apiUrl}"}` });
  await notifier.idle();
  await world.application('shop', subscribe('on-health-degraded'));
  await world.report('shop', healthy);
  const severed = slack.requests.length;
  faults.isSevered = true;
  await world.report('shop', degraded);
  await notifier.idle();
  expect(slack.requests).toHaveLength(severed + 1);
  faults.isSevered = false;
  world.clock.advance(60_000);
  await notifier.idle();
  expect(slack.messages.map(({ text }) => text)).toEqual([expect.stringContaining('_This may have been sent before._')]);
  expect((await notifier.uses.receipts({})).items).toMatchObject([{ state: 'sent', attempts: 2, mayBeDuplicate: true }]);
});

import { type SlackFaults, type SlackServer, startSlackServer } from '@flotilla/sinks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { slackWebhookChannel } from './slack-webhook.channel.js';
import { refusalOf, sender } from './testing/channel-context.js';

let faults: SlackFaults;
let slack: SlackServer;
beforeEach(async () => {
  faults = {};
  slack = await startSlackServer({ token: 'unused', channels: [{ id: 'C001', name: 'alerts' }], webhookSecret: 'canary', faults });
});
afterEach(() => slack.close());

const send = (message: { recipient?: string; template?: Record<string, unknown> }) =>
  sender(slackWebhookChannel, { url: slack.webhookUrl })(message);

test('a message is posted with its blocks and attachments, whoever the recipient is', async () => {
  const template = {
    slack: { blocks: '[{"type":"header","text":{"type":"plain_text","text":"Failed"}}]', attachments: '[{"title":"a"}]' },
  };
  const sent = await send({ recipient: 'ops', template });
  expect(sent).toEqual({ detail: "posted through the channel's incoming webhook" });
  expect(slack.messages).toMatchObject([{ text: 'guestbook failed in eu-1', blocks: [{ type: 'header' }], attachments: [{ title: 'a' }] }]);
});

test('a webhook that was removed and a payload that is wrong are not tried again', async () => {
  const removed = sender(slackWebhookChannel, { url: slack.webhookUrl.replace('canary', 'gone-canary') });
  expect((await refusalOf(removed({}))).failure).toEqual({ code: 'slack-no-service', retry: 'never' });
  const refused = await refusalOf(send({ template: { slack: { blocks: '[{"type":"section"}]' } } }));
  expect(refused.failure).toEqual({ code: 'slack-invalid-blocks', retry: 'never' });
});

test('429 and 500 are tried later, and no message holds the address', async () => {
  Object.assign(faults, { rateLimited: 1, retryAfter: '3' });
  expect((await refusalOf(send({}))).failure).toMatchObject({ retry: 'later', retryAfterMs: 3_000 });
  faults.status = 500;
  const refused = await refusalOf(send({ recipient: 'ops' }));
  expect(refused.failure).toMatchObject({ retry: 'later', isProviderDown: true });
  expect(refused.message).toBe('service slack-webhook to ops: Slack answers 500: unknown_error');
  faults.redirectTo = 'http://169.254.169.254/';
  faults.status = undefined;
  expect((await refusalOf(send({}))).message).not.toContain('canary');
});

test("200 with anything but Slack's ok is no delivery", async () => {
  faults.status = 200;
  expect((await refusalOf(send({}))).failure).toMatchObject({ code: 'slack-unknown-error', retry: 'later' });
});

test('an address that is none is named without it', () => {
  const read = slackWebhookChannel.schema.safeParse({ url: 'canary' });
  expect(read.error?.issues[0]?.message).toContain('is no http or https address');
  expect(JSON.stringify(read.error?.issues)).not.toContain('canary');
});

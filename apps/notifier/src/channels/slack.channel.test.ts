import { type SlackFaults, type SlackServer, startSlackServer, startWebhookSink } from '@flotilla/sinks';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { slackChannel } from './slack.channel.js';
import { refusalOf, sender } from './testing/channel-context.js';

const TOKEN = 'xoxb-canary-token';
const channels = [
  { id: 'C001', name: 'alerts' },
  { id: 'C002', name: 'attic', isArchived: true },
  { id: 'C003', name: 'elsewhere', isForeign: true },
];

let faults: SlackFaults;
let slack: SlackServer;
beforeEach(async () => {
  faults = {};
  slack = await startSlackServer({ token: TOKEN, channels, faults });
});
afterEach(() => slack.close());

const connected = () => sender(slackChannel, { token: TOKEN, apiURL: slack.apiUrl });
const send = (...[message, changes]: Parameters<ReturnType<typeof connected>>) => connected()(message, changes);

test('a message is posted with text, attachments and blocks to a name, a #name or an id', async () => {
  const template = {
    slack: {
      attachments: '[{"color": "#E96D76", "title": "guestbook", "fields": [{"title": "Health", "value": "Degraded", "short": true}]}]',
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*guestbook* failed' } }],
    },
  };
  const sent = await send({ recipient: 'alerts', template });
  await send({ recipient: '#alerts' });
  await send({ recipient: 'C001' });
  expect(sent).toEqual({ providerId: 'C001:1700000000.000001', threadId: '1700000000.000001', detail: 'posted to alerts' });
  expect(slack.messages).toHaveLength(3);
  expect(slack.messages[0]).toMatchObject({
    text: 'guestbook failed in eu-1',
    attachments: [{ title: 'guestbook' }],
    blocks: [{ type: 'section' }],
  });
  expect(slack.requests[0]).toMatchObject({ method: 'POST', path: '/api/chat.postMessage', headers: { authorization: `Bearer ${TOKEN}` } });
});

test("name and icon are the service's unless the template has its own", async () => {
  const named = sender(slackChannel, { token: TOKEN, apiURL: slack.apiUrl, username: 'fleet', icon: ':ship:' });
  await named({ recipient: 'alerts' });
  await named({ recipient: 'alerts', template: { slack: { username: 'guestbook', icon: 'https://example.com/g.png' } } });
  expect(slack.messages).toMatchObject([
    { username: 'fleet', icon: ':ship:' },
    { username: 'guestbook', icon: 'https://example.com/g.png' },
  ]);
});

test('links stand below a text that has no blocks, with their control characters escaped', async () => {
  await send({ recipient: 'alerts', links: [{ title: 'a <b> & c', url: 'https://fleet.example/x?a=1|2' }] });
  expect(slack.messages[0]?.text).toBe('guestbook failed in eu-1\n<https://fleet.example/x?a=1%7C2|a &lt;b&gt; &amp; c>');
});

test('messages of a group share a thread, and the message that shows their state is rewritten in place', async () => {
  const root = await send({ recipient: 'alerts', body: 'rollout 7: stage 1' });
  const next = await send({ recipient: 'alerts', body: 'rollout 7: stage 2' }, { thread: root, update: root });
  const last = await send({ recipient: 'alerts', body: 'rollout 7: done' }, { thread: root, update: next });
  expect(last).toEqual({ ...root, detail: 'rewrote the message in alerts, replied in a thread of alerts' });
  expect(slack.messages.map(({ text, threadTs, edits }) => ({ text, threadTs, edits }))).toEqual([
    { text: 'rollout 7: done', threadTs: undefined, edits: 2 },
    { text: 'rollout 7: stage 2', threadTs: root.threadId, edits: 0 },
    { text: 'rollout 7: done', threadTs: root.threadId, edits: 0 },
  ]);
});

test.each([
  { deliveryPolicy: 'Post', texts: ['first', 'second'] },
  { deliveryPolicy: 'PostAndUpdate', texts: ['second', 'second'] },
  { deliveryPolicy: 'Update', texts: ['second'] },
])('delivery policy $deliveryPolicy leaves $texts', async ({ deliveryPolicy, texts }) => {
  const template = { slack: { groupingKey: 'abc', deliveryPolicy, notifyBroadcast: true } };
  const root = await send({ recipient: 'alerts', body: 'first', template });
  await send({ recipient: 'alerts', body: 'second', template }, { thread: root });
  expect(slack.messages.map(({ text }) => text)).toEqual(texts);
  expect(slack.messages.slice(1).every(({ isBroadcast, threadTs }) => isBroadcast && threadTs === root.threadId)).toBe(true);
});

test('a rewritten message keeps nothing of its old blocks', async () => {
  const root = await send({ recipient: 'alerts', template: { slack: { blocks: '[{"type":"divider"}]' } } });
  await send({ recipient: 'alerts', template: { slack: { deliveryPolicy: 'Update' } } }, { thread: root });
  expect(slack.messages).toMatchObject([{ blocks: [], edits: 1 }]);
});

test('a message that somebody removed is posted anew', async () => {
  const gone = { providerId: 'C001:1.000001', threadId: '1.000001' };
  const sent = await send({ recipient: 'alerts' }, { thread: gone, update: gone });
  const reply = await send({ recipient: 'alerts' }, { thread: gone });
  expect([sent.threadId, reply.threadId]).toEqual(slack.messages.map(({ ts }) => ts));
});

test('a possible duplicate says so, in the text or as a block', async () => {
  await send({ recipient: 'alerts' }, { isPossibleDuplicate: true });
  await send({ recipient: 'alerts', template: { slack: { blocks: '[{"type":"divider"}]' } } }, { isPossibleDuplicate: true });
  expect(slack.messages[0]?.text).toMatch(/_This may have been sent before\._$/);
  expect(slack.messages[1]?.blocks).toHaveLength(2);
});

test.each([
  { recipient: 'nowhere', code: 'slack-channel-not-found', retry: 'never' },
  { recipient: 'attic', code: 'slack-is-archived', retry: 'never' },
  { recipient: 'elsewhere', code: 'slack-not-in-channel', retry: 'never' },
  { recipient: 'alerts', error: 'invalid_auth', code: 'slack-invalid-auth', retry: 'never' },
  { recipient: 'alerts', error: 'restricted_action_read_only_channel', code: 'slack-restricted-action-read-only-channel', retry: 'never' },
  { recipient: 'alerts', error: 'ratelimited', code: 'slack-rate-limited', retry: 'later', retryAfterMs: 30_000 },
  { recipient: 'alerts', error: 'internal_error', code: 'slack-internal-error', retry: 'later', isProviderDown: true },
  { recipient: 'alerts', error: 'never_heard_of', code: 'slack-never-heard-of', retry: 'later', isProviderDown: false },
  { recipient: 'alerts', error: `You sent ${TOKEN}`, code: 'slack-unknown-error', retry: 'later' },
])('ok: false with $code is tried again $retry', async ({ recipient, error, ...failure }) => {
  faults.error = error;
  const refused = await refusalOf(send({ recipient }));
  expect(refused.failure).toMatchObject(failure);
  expect(refused.message).toMatch(new RegExp(`^service slack to ${recipient}: Slack `));
  expect(refused.message).not.toContain('canary');
});

test('blocks that Slack refuses are named by their place', async () => {
  const blocks = '[{"type":"divider"},{"type":"section","text":{"type":"mrkdwn","text":""}}]';
  const refused = await refusalOf(send({ recipient: 'alerts', template: { slack: { blocks } } }));
  expect(refused.message).toContain('invalid_blocks at /blocks/1/text/text; correct the template');
});

test.each(['[{"title": "canary', '{"title": "canary"}', '["canary"]'])(
  'attachments %s are refused before they are sent',
  async (attachments) => {
    const refused = await refusalOf(send({ recipient: 'alerts', template: { slack: { attachments } } }));
    expect(refused.failure).toEqual({ code: 'slack-invalid-attachments', retry: 'never' });
    expect(refused.message).not.toContain('canary');
    expect(slack.requests).toEqual([]);
  },
);

test('429 is waited for as Retry-After says, in seconds or as a date', async () => {
  Object.assign(faults, { rateLimited: 2, retryAfter: '17' });
  expect((await refusalOf(send({ recipient: 'alerts' }))).failure).toMatchObject({ code: 'slack-rate-limited', retryAfterMs: 17_000 });
  faults.retryAfter = 'Sun, 01 Mar 2026 12:01:00 GMT';
  expect((await refusalOf(send({ recipient: 'alerts' }))).failure).toMatchObject({ retry: 'later', retryAfterMs: 60_000 });
  expect(slack.requests).toHaveLength(2);
});

test('500 with an echo of the request is tried later and repeats none of it', async () => {
  faults.status = 500;
  const refused = await refusalOf(send({ recipient: 'alerts', body: 'canary text' }));
  expect(refused.failure).toMatchObject({ code: 'slack-unavailable', retry: 'later' });
  expect(JSON.stringify([refused, refused.message, refused.stack, refused.cause])).not.toContain('canary');
});

test('a server that hangs is left at the deadline', async () => {
  faults.hang = true;
  const refused = await refusalOf(send({ recipient: 'alerts' }, { signal: AbortSignal.timeout(50) }));
  expect(refused.failure).toMatchObject({ code: 'slack-unavailable', retry: 'later' });
});

test('a redirect to another host or to a private address is refused and nobody there is asked', async () => {
  const other = await startWebhookSink();
  for (const address of [`${other.url}/api/chat.postMessage`, 'http://10.0.0.1/', 'http://169.254.169.254/latest/']) {
    faults.redirectTo = address;
    expect((await refusalOf(send({ recipient: 'alerts' }))).failure).toEqual({ code: 'slack-redirect-refused', retry: 'never' });
  }
  expect(other.requests).toEqual([]);
  await other.close();
});

test('an apiURL that stands for a private address is not called', async () => {
  const inside = sender(slackChannel, { token: TOKEN, apiURL: 'http://10.0.0.1/api/' });
  expect((await refusalOf(inside({ recipient: 'alerts' }))).failure).toEqual({ code: 'slack-address-denied', retry: 'never' });
});

test('an answer without end is cut off', async () => {
  faults.isEndless = true;
  const refused = await refusalOf(send({ recipient: 'alerts' }));
  expect(refused.failure).toMatchObject({ code: 'slack-response-too-large' });
  expect(refused.message).toContain('is larger than 65536 bytes');
});

test('a certificate nobody vouches for is refused, and taken with its authority as ca', async () => {
  const authority = await createAuthority('slack authority', Date.now());
  const { certificate, key } = await issueServerCertificate(authority, ['127.0.0.1'], Date.now());
  const server = await startSlackServer({ token: TOKEN, channels, tls: { cert: certificate, key } });
  const options = { token: TOKEN, apiURL: server.apiUrl };
  const refused = await refusalOf(sender(slackChannel, options)({ recipient: 'alerts' }));
  expect(refused.failure).toMatchObject({ code: 'slack-certificate', retry: 'later' });
  expect(refused.message).toContain('as `ca` of the service');
  await sender(slackChannel, { ...options, ca: authority.certificate })({ recipient: 'alerts' });
  expect(server.messages).toHaveLength(1);
  await server.close();
});

test("a grouping key of the template is the message's group", () => {
  const parts = slackChannel.readMessage({ slack: { groupingKey: '{{.app.metadata.name}}' } }, { type: 'slack', name: 'slack' });
  expect(slackChannel.keysOf?.({ ...parts!, groupingKey: 'guestbook' })).toEqual({ groupKey: 'guestbook' });
});

test('options that cannot work are named without their values', () => {
  const read = slackChannel.schema.safeParse({ token: 'canary token', apiURL: 'canary', insecureSkipVerify: true });
  expect(read.error?.issues.map(({ path }) => path.join('.'))).toEqual(['token', 'apiURL', 'insecureSkipVerify']);
  expect(JSON.stringify(read.error?.issues)).not.toContain('canary');
  expect(slackChannel.checkRecipient?.('two words')).toContain('is no channel name');
});

import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { startSlackServer, startSmtpServer, startWebhookSink } from './index.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function slackCaller(scopes?: string[]) {
  const channels = [{ id: 'C1', name: 'alerts' }];
  const server = await startSlackServer({ token: 'xoxb', channels, ...(scopes ? { scopes } : {}) });
  open.push(server);
  const call = async (method: string, fields: unknown, headers: Record<string, string> = {}): Promise<Record<string, unknown>> => {
    const response = await fetch(new URL(method, server.apiUrl), {
      method: 'POST',
      headers: { authorization: 'Bearer xoxb', 'content-type': 'application/json; charset=utf-8', ...headers },
      body: typeof fields === 'string' ? fields : JSON.stringify(fields),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  return { server, call };
}

const post = { channel: 'alerts', text: 'hello' };

test.each([
  ['a wrong token', post, { authorization: 'Bearer other' }, 'invalid_auth'],
  ['a body that is no JSON', '{', {}, 'invalid_json'],
  ['a list as body', [], {}, 'json_not_object'],
  ['another media type', post, { 'content-type': 'text/plain' }, 'invalid_post_type'],
  ['a channel that is not there', { ...post, channel: 'nowhere' }, {}, 'channel_not_found'],
  ['nothing to say', { channel: 'C1' }, {}, 'no_text'],
  ['a thread that is not there', { ...post, thread_ts: '1.2' }, {}, 'thread_not_found'],
  ['a block of no type', { ...post, blocks: [{ type: 'sectoin' }] }, {}, 'invalid_blocks'],
  ['a header that is not plain', { ...post, blocks: [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }] }, {}, 'invalid_blocks'],
  ['too many blocks', { ...post, blocks: Array(51).fill({ type: 'divider' }) }, {}, 'invalid_blocks'],
  ['blocks that are a text', { ...post, blocks: '[]' }, {}, 'invalid_blocks_format'],
  ['attachments that are texts', { ...post, attachments: ['x'] }, {}, 'invalid_attachments'],
] as const)('chat.postMessage refuses %s', async (_what, fields, headers, error) => {
  const { server, call } = await slackCaller();
  expect(await call('chat.postMessage', fields, headers)).toMatchObject({ ok: false, error });
  expect(server.messages).toEqual([]);
});

test('a name of the sender needs its own scope', async () => {
  const { call } = await slackCaller(['chat:write']);
  expect(await call('chat.postMessage', { ...post, username: 'fleet' })).toMatchObject({
    error: 'missing_scope',
    needed: 'chat:write.customize',
  });
});

test('chat.update takes ids only and keeps blocks that are left out', async () => {
  const { server, call } = await slackCaller();
  const { ts } = await call('chat.postMessage', { ...post, blocks: [{ type: 'divider' }] });
  expect(await call('chat.update', { channel: 'alerts', ts, text: 'x' })).toMatchObject({ error: 'channel_not_found' });
  expect(await call('chat.update', { channel: 'C1', ts: '1.2', text: 'x' })).toMatchObject({ error: 'message_not_found' });
  expect(await call('chat.update', { channel: 'C1', ts, text: 'x' })).toMatchObject({ ok: true, ts });
  expect(server.messages).toMatchObject([{ text: 'x', blocks: [{ type: 'divider' }] }]);
});

test('an incoming webhook answers ok, or says in a word what is wrong', async () => {
  const { server } = await slackCaller();
  const say = async (url: string, body: string) => {
    const response = await fetch(url, { method: 'POST', body });
    return `${response.status} ${await response.text()}`;
  };
  expect(await say(server.webhookUrl, '{"text":"hello"}')).toBe('200 ok');
  expect(await say(server.webhookUrl, 'text=hello')).toBe('400 invalid_payload');
  expect(await say(server.webhookUrl, '{}')).toBe('400 no_text');
  expect(await say(`${server.webhookUrl}x`, '{"text":"hello"}')).toBe('404 no_service');
});

test('a webhook is taken only with a signature over its time and body that is not old', async () => {
  const sink = await startWebhookSink({ hmacSecret: 'secret' });
  open.push(sink);
  const send = async (timestamp: number, signed: string, body = 'hello') => {
    const digest = createHmac('sha256', 'secret').update(signed).digest('hex');
    const headers = { 'x-flotilla-timestamp': `${timestamp}`, 'x-flotilla-signature-256': `sha256=${digest}` };
    return (await fetch(sink.url, { method: 'POST', body, headers })).status;
  };
  const now = Math.floor(Date.now() / 1_000);
  expect(await send(now, `${now}.hello`)).toBe(204);
  expect(await send(now, 'hello')).toBe(401);
  expect(await send(now, `${now}.hello`, 'other')).toBe(401);
  expect(await send(now - 3_600, `${now - 3_600}.hello`)).toBe(401);
  expect((await fetch(sink.url)).status).toBe(401);
  expect(sink.received.map(({ signature }) => signature)).toEqual(['valid', 'invalid', 'invalid', 'stale', 'missing']);
});

test('the mail server speaks SMTP and keeps what it takes', async () => {
  const server = await startSmtpServer({ faults: { recipients: { 'gone@example.com': 550 } } });
  open.push(server);
  const socket = connect(server.port, server.host);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    for (;;) {
      const { value } = await lines.next();
      if (/^\d{3} /.test(String(value))) return String(value).slice(0, 3);
    }
  };
  const say = (text: string) => {
    socket.write(`${text}\r\n`);
    return answer();
  };
  expect(await answer()).toBe('220');
  expect(await say('EHLO test')).toBe('250');
  expect(await say('STARTTLS')).toMatch(/^5/);
  expect(await say('MAIL FROM:<a@example.com>')).toBe('250');
  expect(await say('RCPT TO:<gone@example.com>')).toBe('550');
  expect(await say('RCPT TO:<b@example.com>')).toBe('250');
  expect(await say('DATA')).toBe('354');
  expect(await say('Subject: =?utf-8?q?caf=C3=A9?=\r\nMessage-ID: <1@x>\r\n\r\nhello\r\n.')).toBe('250');
  expect(server.mails).toMatchObject([
    { from: 'a@example.com', to: ['b@example.com'], subject: 'café', text: 'hello', messageId: '<1@x>' },
  ]);
  socket.destroy();
});

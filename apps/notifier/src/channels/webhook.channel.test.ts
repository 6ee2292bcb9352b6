import { type HttpFaults, startWebhookSink, type WebhookSink } from '@flotilla/sinks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refusalOf, sender } from './testing/channel-context.js';
import { webhookChannel } from './webhook.channel.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const SECRET = 'canary-secret-of-hmac';

let faults: HttpFaults;
let sink: WebhookSink;
beforeEach(async () => {
  faults = {};
  sink = await startWebhookSink({ faults, hmacSecret: SECRET, now: () => NOW.getTime() });
});
afterEach(() => sink.close());

const send = (template: Record<string, unknown> | undefined, options: Record<string, unknown> = {}, changes = {}) =>
  sender(webhookChannel, { url: sink.url, hmacSecret: SECRET, ...options }, 'grafana')({ ...(template ? { template } : {}) }, changes);

test('method, path and body come from the part of the template for this service', async () => {
  const webhook = { grafana: { method: 'post', path: '/api/annotations', body: '{"text":"failed"}' }, other: { body: 'x' } };
  const sent = await send({ webhook }, { url: `${sink.url}/base/`, headers: [{ name: 'Authorization', value: 'Bearer canary\n' }] });
  expect(sent).toEqual({ detail: `POST ${sink.url} answered 204` });
  expect(sink.received).toMatchObject([
    {
      method: 'POST',
      path: '/base/api/annotations',
      body: '{"text":"failed"}',
      headers: { authorization: 'Bearer canary', 'content-type': 'application/json' },
      signature: 'valid',
      idempotencyKey: 'c0ffee'.repeat(8),
    },
  ]);
});

test('without a part it is a GET with the message, as in Argo CD', async () => {
  await send(undefined, { basicAuth: { username: 'fleet', password: 'canary' } });
  const authorization = `Basic ${Buffer.from('fleet:canary').toString('base64')}`;
  expect(sink.received).toMatchObject([
    { method: 'GET', body: 'guestbook failed in eu-1', headers: { authorization, 'content-length': '24' } },
  ]);
});

test('a signature covers body and time under the name of the header that is asked for', async () => {
  const named = await startWebhookSink({ hmacSecret: SECRET, signatureHeader: 'X-Hub-Signature-256', now: () => NOW.getTime() });
  await send(undefined, { url: named.url, signatureHeader: 'X-Hub-Signature-256' });
  expect(named.received[0]?.signature).toBe('valid');
  await named.close();
  await refusalOf(send(undefined, { hmacSecret: 'another-secret-of-hmac' }));
  await refusalOf(send(undefined, {}, { now: new Date('2026-03-01T11:00:00Z') }));
  expect(sink.received.map(({ signature }) => signature)).toEqual(['invalid', 'stale']);
});

test('a possible duplicate carries the same key and says so', async () => {
  await send(undefined);
  await send(undefined, {}, { isPossibleDuplicate: true });
  expect(new Set(sink.received.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  expect(sink.received.map(({ headers }) => headers['x-flotilla-possible-duplicate'])).toEqual([undefined, 'true']);
});

test.each([
  { status: 400, code: 'webhook-refused-400', retry: 'never' },
  { status: 401, code: 'webhook-refused-401', retry: 'never' },
  { status: 404, code: 'webhook-refused-404', retry: 'never' },
  { status: 408, code: 'webhook-unavailable', retry: 'later' },
  { status: 425, code: 'webhook-unavailable', retry: 'later' },
  { status: 500, code: 'webhook-unavailable', retry: 'later' },
  { status: 503, code: 'webhook-unavailable', retry: 'later' },
])('$status is tried again $retry, and its echo is not repeated', async ({ status, ...failure }) => {
  faults.status = status;
  const refused = await refusalOf(send(undefined, { headers: [{ name: 'X-Api-Key', value: 'canary' }], url: `${sink.url}/canary` }));
  expect(refused.failure).toEqual(failure);
  expect(refused.message).toContain(`service webhook.grafana: ${sink.url} answers ${status}`);
  expect(JSON.stringify([refused, refused.message, refused.stack, refused.cause])).not.toContain('canary');
});

test('429 is waited for as Retry-After says', async () => {
  Object.assign(faults, { rateLimited: 2, retryAfter: '86400' });
  expect((await refusalOf(send(undefined))).failure).toEqual({
    code: 'webhook-rate-limited',
    retry: 'later',
    isProviderDown: false,
    retryAfterMs: 3_600_000,
  });
  faults.retryAfter = 'soon';
  expect((await refusalOf(send(undefined))).failure).not.toHaveProperty('retryAfterMs');
});

test.each(['GET', 'POST'])('a redirect of a %s to another host or a private address is refused', async (method) => {
  const other = await startWebhookSink();
  for (const address of [other.url, 'http://192.168.0.1/', 'http://[::1]/']) {
    faults.redirectTo = address;
    const refused = await refusalOf(send({ webhook: { grafana: { method, body: method === 'GET' ? '' : 'x' } } }));
    expect(refused.failure).toEqual({ code: 'webhook-redirect-refused', retry: 'never' });
  }
  expect(other.requests).toEqual([]);
  await other.close();
});

test('a hang is left at the deadline and an answer without end is cut off', async () => {
  faults.hang = true;
  const refused = await refusalOf(send(undefined, {}, { signal: AbortSignal.timeout(50) }));
  expect(refused.failure).toEqual({ code: 'webhook-unavailable', retry: 'later', mayHaveArrived: true });
  await sink.close();
  expect((await refusalOf(send(undefined))).failure).toEqual({ code: 'webhook-unavailable', retry: 'later' });
  sink = await startWebhookSink({ faults });
  Object.assign(faults, { hang: false, isEndless: true });
  expect((await refusalOf(send(undefined))).message).toContain('larger than 65536 bytes');
});

test('a path cannot leave the host, nor a body exceed its limit', async () => {
  await send({ webhook: { grafana: { path: '//evil.example/x' } } });
  await send({ webhook: { grafana: { path: '@evil.example' } } });
  expect(sink.received.map(({ path }) => path)).toEqual(['/evil.example/x', '/@evil.example']);
  const refused = await refusalOf(send({ webhook: { grafana: { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) } } }));
  expect(refused.failure).toEqual({ code: 'webhook-too-large', retry: 'never' });
});

test.each([
  { options: { url: 'ftp://example.com' }, path: 'url' },
  { options: { headers: [{ name: 'Host', value: 'canary' }] }, path: 'headers.0.name' },
  { options: { headers: [{ name: 'X-Key', value: 'canary\r\nX-Other: 1' }] }, path: 'headers.0.value' },
  { options: { hmacSecret: 'canary' }, path: 'hmacSecret' },
  { options: { insecureSkipVerify: true }, path: 'insecureSkipVerify' },
])('an option that cannot work is refused by name: $path', ({ options, path }) => {
  const read = webhookChannel.schema.safeParse({ url: 'https://example.com', ...options });
  expect(read.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  expect(JSON.stringify(read.error?.issues)).not.toContain('canary');
});

import { inspect } from 'node:util';
import { type HttpFaults, type SmtpFaults, startSlackServer, startSmtpServer, startWebhookSink } from '@flotilla/sinks';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { beforeAll, expect, test } from 'vitest';
import { CHANNELS, findChannel } from './registry.js';
import { refusalOf, sender } from './testing/channel-context.js';

/** Stands in every place that may hold a secret: tokens, passwords, addresses, bodies. */
const CANARY = 'cnry-4f1e8a97-secret';

const HTTP_FAULTS: HttpFaults[] = [
  { status: 200 },
  { status: 400 },
  { status: 401 },
  { status: 500 },
  { rateLimited: 1 },
  { redirectTo: `http://10.0.0.1/${CANARY}` },
  { redirectTo: `http://user:${CANARY}@localhost/` },
  { isEndless: true },
  { hang: true },
];
const SMTP_FAULTS: SmtpFaults[] = [
  { message: 554 },
  { message: 451 },
  { recipients: { 'a@example.com': 550 } },
  { hang: 'greeting' },
  { hang: 'data' },
];

let tls: { cert: string; key: string };
beforeAll(async () => {
  const { certificate, key } = await issueServerCertificate(await createAuthority('test', Date.now()), ['127.0.0.1'], Date.now());
  tls = { cert: certificate, key };
});

/** Everything a receipt or an error shows, to whoever logs, stores or answers it. */
const shown = (outcome: unknown): string => `${inspect(outcome, { depth: 10, showHidden: true })}${JSON.stringify(outcome)}`;

function expectSilence(outcome: unknown): void {
  const forms = [CANARY, Buffer.from(CANARY).toString('base64').slice(0, 20), Buffer.from(CANARY).toString('hex')];
  for (const form of forms) expect(shown(outcome)).not.toContain(form);
}

const deadline = () => ({ signal: AbortSignal.timeout(100) });

test('every channel is found by its type, once', () => {
  const types = CHANNELS.map(({ type }) => type);
  expect(types).toEqual(['slack', 'slack-webhook', 'email', 'webhook']);
  expect(types.map((type) => findChannel(type)?.type)).toEqual(types);
  expect(findChannel('teams')).toBeUndefined();
});

test.each(HTTP_FAULTS)('neither error nor receipt of a channel over HTTP holds a secret or a body: %o', async (faults) => {
  const slack = await startSlackServer({
    token: 'other',
    channels: [{ id: 'C1', name: 'alerts' }],
    webhookSecret: CANARY,
    faults: { ...faults },
  });
  const sink = await startWebhookSink({ faults: { ...faults }, status: 500 });
  const headers = [{ name: 'X-Key', value: CANARY }];
  const sends = [
    sender(findChannel('slack')!, { token: CANARY, apiURL: `${slack.apiUrl}${CANARY}/` }),
    sender(findChannel('slack')!, { token: CANARY, apiURL: slack.apiUrl }),
    sender(findChannel('slack-webhook')!, { url: `${slack.webhookUrl}x` }),
    sender(findChannel('webhook')!, { url: `${sink.url}/${CANARY}?key=${CANARY}`, headers, hmacSecret: CANARY }),
    sender(findChannel('webhook')!, { url: `http://user:${CANARY}@127.0.0.1/`, basicAuth: { username: 'u', password: CANARY } }),
    sender(findChannel('webhook')!, { url: `${sink.url.replace('http:', 'https:')}/${CANARY}`, headers }),
  ];
  for (const send of sends) {
    expectSilence(await send({ recipient: 'alerts', body: CANARY }, deadline()).catch((error: unknown) => error));
  }
  await Promise.all([slack.close(), sink.close()]);
});

test.each(SMTP_FAULTS)('no error of a mail server holds a secret or a body: %o', async (faults) => {
  const server = await startSmtpServer({ faults, users: { fleet: CANARY }, plainLogin: true });
  const options = { host: server.host, port: server.port, from: 'fleet@example.com', username: 'fleet', allowPlainOnLoopback: true };
  const send = sender(findChannel('email')!, { ...options, password: CANARY });
  expectSilence(await refusalOf(send({ recipient: 'a@example.com', body: CANARY }, deadline())));
  const wrong = sender(findChannel('email')!, { ...options, password: `${CANARY}-wrong` });
  expectSilence(await refusalOf(wrong({ recipient: 'a@example.com', body: CANARY }, deadline())));
  await server.close();
});

test('no error of a failed TLS session holds a secret', async () => {
  const server = await startSmtpServer({ tls, users: { fleet: CANARY } });
  const options = { host: server.host, port: server.port, from: 'fleet@example.com', username: 'fleet', password: CANARY };
  expectSilence(await refusalOf(sender(findChannel('email')!, options)({ recipient: 'a@example.com', body: CANARY })));
  expect(server.logins).toEqual([]);
  await server.close();
});

import { AddressPolicy } from '@flotilla/http';
import { type LocalSmtpServer, type SmtpServerOptions, startSmtpServer, type TlsMaterial } from '@flotilla/sinks';
import { type CertificatePair, createAuthority, issueServerCertificate } from '@flotilla/tls';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type EmailConfig, emailChannel, tlsOf } from './email.channel.js';
import { localAddresses, refusalOf, sender } from './testing/channel-context.js';

const PASSWORD = 'canary-password';

let authority: CertificatePair;
let tls: TlsMaterial;
beforeAll(async () => {
  authority = await createAuthority('mail authority', Date.now());
  const { certificate, key } = await issueServerCertificate(authority, ['127.0.0.1'], Date.now());
  tls = { cert: certificate, key };
});

const servers: LocalSmtpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(options: SmtpServerOptions = {}): Promise<LocalSmtpServer> {
  const server = await startSmtpServer(options);
  servers.push(server);
  return server;
}

function mailer({ host, port }: LocalSmtpServer, options: Partial<EmailConfig> = {}) {
  return sender(emailChannel, { host, port, from: 'Fleet <fleet@example.com>', ca: authority.certificate, ...options });
}

test('a mail goes to every address, encrypted and logged in, with the same Message-ID for each attempt', async () => {
  const server = await serve({ tls, users: { fleet: PASSWORD } });
  const send = mailer(server, { username: 'fleet', password: PASSWORD });
  const template = { email: { subject: 'guestbook: failed\n', body: 'It failed.\nLook there.' } };
  const sent = await send({ recipient: 'a@example.com, b@example.com', template });
  await send({ recipient: 'a@example.com' }, { isPossibleDuplicate: true });
  const messageId = `<${'c0ffee'.repeat(8)}@example.com>`;
  expect(sent).toEqual({ providerId: messageId, threadId: messageId, detail: 'accepted by 127.0.0.1 for 2 of 2 addresses' });
  expect(server.mails).toMatchObject([
    {
      from: 'fleet@example.com',
      to: ['a@example.com', 'b@example.com'],
      subject: 'guestbook: failed',
      text: 'It failed.\nLook there.',
      html: '',
      messageId,
      isEncrypted: true,
      user: 'fleet',
    },
    { subject: 'guestbook failed', text: 'guestbook failed in eu-1', messageId, headers: { 'x-flotilla-possible-duplicate': 'true' } },
  ]);
});

test('an HTML mail has a plain text part, and later mails of a group answer the first', async () => {
  const server = await serve({ tls });
  const body = '<h1>Failed</h1><p>in <b>eu-1</b> &amp; eu-2</p><a href="https://fleet.example/g">Look</a><style>p{}</style>';
  const send = mailer(server, { html: true, encryption: 'starttls' });
  const first = await send({ recipient: 'a@example.com', body });
  await send({ recipient: 'a@example.com', body }, { thread: first, idempotencyKey: 'beef' });
  expect(server.mails).toMatchObject([
    { html: body, text: 'Failed\nin eu-1 & eu-2\nLook (https://fleet.example/g)' },
    { messageId: '<beef@example.com>', headers: { 'in-reply-to': first.providerId, references: first.providerId } },
  ]);
});

test('TLS from the start is spoken where it is asked for', async () => {
  const server = await serve({ tls, encryption: 'tls' });
  await mailer(server, { encryption: 'tls' })({ recipient: 'a@example.com' });
  expect(server.mails).toMatchObject([{ isEncrypted: true }]);
});

test.each([
  { port: 465, isLocal: false, tls: { secure: true, requireTLS: false, ignoreTLS: false } },
  { port: 587, isLocal: false, tls: { secure: false, requireTLS: true, ignoreTLS: false } },
  { port: 25, isLocal: false, tls: { secure: false, requireTLS: false, ignoreTLS: false } },
  { port: 25, username: 'fleet', isLocal: false, tls: { secure: false, requireTLS: true, ignoreTLS: false } },
  { port: 25, username: 'fleet', isLocal: true, tls: { secure: false, requireTLS: true, ignoreTLS: false } },
  { port: 25, username: 'fleet', allowPlainOnLoopback: true, isLocal: false, tls: { secure: false, requireTLS: true, ignoreTLS: false } },
  { port: 25, username: 'fleet', allowPlainOnLoopback: true, isLocal: true, tls: { secure: false, requireTLS: false, ignoreTLS: true } },
  { port: 465, allowPlainOnLoopback: true, isLocal: true, tls: { secure: true, requireTLS: false, ignoreTLS: false } },
])(
  'port $port with username $username, local $isLocal and plain allowed $allowPlainOnLoopback',
  ({ isLocal, tls: expected, ...options }) => {
    expect(tlsOf({ username: undefined, encryption: undefined, allowPlainOnLoopback: false, ...options }, isLocal)).toEqual(expected);
  },
);

test('no password is sent in clear: a server without STARTTLS gets neither login nor mail', async () => {
  const server = await serve({ users: { fleet: PASSWORD }, plainLogin: true });
  const refused = await refusalOf(mailer(server, { username: 'fleet', password: PASSWORD })({ recipient: 'a@example.com' }));
  expect(refused.failure).toEqual({ code: 'smtp-no-tls', retry: 'later', isProviderDown: false });
  expect(refused.message).toContain('does not encrypt the connection (STARTTLS), so nothing is sent');
  expect([server.logins, server.mails]).toEqual([[], []]);
  await mailer(server, { username: 'fleet', password: PASSWORD, allowPlainOnLoopback: true })({ recipient: 'a@example.com' });
  expect(server.mails).toMatchObject([{ user: 'fleet', isEncrypted: false }]);
});

test('a certificate nobody vouches for ends the session before the login', async () => {
  const server = await serve({ tls, users: { fleet: PASSWORD } });
  const send = mailer(server, { username: 'fleet', password: PASSWORD, ca: undefined });
  const refused = await refusalOf(send({ recipient: 'a@example.com' }));
  expect(refused.failure).toMatchObject({ code: 'smtp-certificate', retry: 'later' });
  expect(server.logins).toEqual([]);
});

test('a certificate for another name ends the session too', async () => {
  const { certificate, key } = await issueServerCertificate(authority, ['mail.example.com'], Date.now());
  for (const encryption of ['starttls', 'tls'] as const) {
    const server = await serve({ tls: { cert: certificate, key }, encryption });
    const refused = await refusalOf(mailer(server, { encryption })({ recipient: 'a@example.com' }));
    expect(refused.failure?.code).toBe('smtp-certificate');
  }
});

test('a refused login is not tried again and its echo is not repeated', async () => {
  const server = await serve({ tls, users: { fleet: 'another' } });
  const refused = await refusalOf(mailer(server, { username: 'fleet', password: PASSWORD })({ recipient: 'a@example.com' }));
  expect(refused.failure).toMatchObject({ code: 'smtp-auth', retry: 'never' });
  expect(refused.message).toContain('refuses the login (535 5.7.8); check username and password');
  expect(JSON.stringify([refused, refused.message, refused.stack, refused.cause])).not.toContain('canary');
});

test('a server that offers no login gets no mail from who has a password', async () => {
  const server = await serve({ tls });
  const refused = await refusalOf(mailer(server, { username: 'fleet', password: PASSWORD })({ recipient: 'a@example.com' }));
  expect(refused.failure).toMatchObject({ code: 'smtp-auth', retry: 'never' });
  expect(server.mails).toEqual([]);
});

test.each([
  { code: 550, failure: { code: 'smtp-refused', retry: 'never' } },
  { code: 450, failure: { code: 'smtp-deferred', retry: 'later', isProviderDown: false, retryAfterMs: 300_000 } },
])('a recipient that is refused with $code is tried again $failure.retry', async ({ code, failure }) => {
  const server = await serve({ faults: { recipients: { 'gone@example.com': code } } });
  const refused = await refusalOf(mailer(server)({ recipient: 'gone@example.com' }));
  expect(refused.failure).toEqual(failure);
  expect(refused.message).toMatch(new RegExp(`^service email to gone@example.com: 127.0.0.1:\\d+ .* \\(${code} \\d\\.\\d\\.1\\)$`));
});

test('one refused address of several is told of; one that is deferred holds the mail for another attempt', async () => {
  const faults = { recipients: { 'gone@example.com': 550 } as Record<string, number> };
  const server = await serve({ faults });
  const sent = await mailer(server)({ recipient: 'a@example.com,gone@example.com' });
  expect(sent.detail).toBe('accepted by 127.0.0.1 for 1 of 2 addresses; not by gone@example.com (550 5.1.1)');
  faults.recipients['gone@example.com'] = 451;
  const refused = await refusalOf(mailer(server)({ recipient: 'a@example.com,gone@example.com' }));
  expect(refused.failure).toMatchObject({ code: 'smtp-deferred', retry: 'later' });
});

test.each([
  { code: 554, failure: { code: 'smtp-refused', retry: 'never' } },
  { code: 421, failure: { code: 'smtp-deferred', retry: 'later', isProviderDown: true } },
])('a message that is refused with $code is tried again $failure.retry and not repeated', async ({ code, failure }) => {
  const server = await serve({ faults: { message: code } });
  const refused = await refusalOf(mailer(server)({ recipient: 'a@example.com', body: 'canary' }));
  expect(refused.failure).toMatchObject(failure);
  expect(JSON.stringify([refused, refused.message, refused.stack, refused.cause])).not.toContain('canary');
});

test.each(['greeting', 'data'] as const)('a server that hangs at the %s is left at the deadline', async (hang) => {
  const server = await serve({ faults: { hang } });
  const refused = await refusalOf(mailer(server)({ recipient: 'a@example.com' }, { signal: AbortSignal.timeout(300) }));
  expect(refused.failure).toEqual({ code: 'smtp-unavailable', retry: 'later', mayHaveArrived: true });
  expect(server.connections).toBe(1);
});

test('nobody listening is tried later', async () => {
  const server = await startSmtpServer();
  await server.close();
  const refused = await refusalOf(mailer(server)({ recipient: 'a@example.com' }));
  expect(refused.failure).toEqual({ code: 'smtp-unavailable', retry: 'later' });
  expect(refused.message).toContain('ECONNREFUSED');
});

test('a mail server is judged by the addresses its name stands for, and only those are connected to', async () => {
  const server = await serve();
  const elsewhere = { ...server, host: 'mail.example.com' };
  const resolve = async () => [{ address: '127.0.0.1', family: 4 as const }];
  const denied = await refusalOf(mailer(elsewhere)({ recipient: 'a@example.com' }, { addresses: new AddressPolicy({ resolve }) }));
  expect(denied.failure).toMatchObject({ code: 'email-address-denied', retry: 'never' });
  expect(server.connections).toBe(0);
  const addresses = new AddressPolicy({ resolve, allow: ['127.0.0.1/32'] });
  await mailer(elsewhere)({ recipient: 'a@example.com' }, { addresses });
  expect(server.mails).toHaveLength(1);
  expect(localAddresses.permits('10.0.0.1')).toBe(false);
});

test('headers cannot be smuggled in through a subject, a sender or a recipient', async () => {
  const server = await serve();
  const template = { email: { subject: 'ok\r\nBcc: thief@example.com' } };
  const refused = await refusalOf(mailer(server)({ recipient: 'a@example.com', template }));
  expect(refused.failure).toEqual({ code: 'email-subject', retry: 'never' });
  for (const recipient of ['a@example.com\r\nBcc: t@example.com', '<a@example.com>', 'a b@example.com', 'a@b;c@d', '"a"@example.com', '']) {
    expect((await refusalOf(mailer(server)({ recipient }))).failure).toEqual({ code: 'email-recipient', retry: 'never' });
  }
  expect(() => mailer(server, { from: 'Fleet\r\nBcc: t@example.com <fleet@example.com>' })).toThrow('from');
  expect(server.connections).toBe(0);
});

test("Argo CD's option to trust everybody is refused with what helps", () => {
  const read = emailChannel.schema.safeParse({ host: 'mail', port: '25', from: 'a@example.com', insecure_skip_verify: true });
  expect(read.error?.issues).toMatchObject([{ path: ['insecure_skip_verify'], message: expect.stringContaining('as `ca`') }]);
});

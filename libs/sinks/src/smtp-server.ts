import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { TlsMaterial } from './serve-http.js';

const MAX_MAIL_BYTES = 4 * 1024 * 1024;

export interface ReceivedMail {
  from: string;
  /** As in the envelope. */
  to: readonly string[];
  subject: string;
  text: string;
  html: string;
  messageId: string;
  headers: Readonly<Record<string, string>>;
  isEncrypted: boolean;
  user?: string;
}

export interface SmtpFaults {
  /** Takes connections, or the message's data, and answers nothing. */
  hang?: 'greeting' | 'data';
  /** Answers to recipients and messages by their code, 4xx or 5xx, repeating what it was sent. */
  recipients?: Readonly<Record<string, number>>;
  message?: number;
}

export interface SmtpServerOptions {
  port?: number;
  tls?: TlsMaterial;
  /** `starttls` (default with `tls`), `tls` from the start, or neither. */
  encryption?: 'starttls' | 'tls' | 'none';
  /** Passwords by name; with any, only they may send. A login is offered on encrypted connections, or everywhere when `plainLogin`. */
  users?: Readonly<Record<string, string>>;
  plainLogin?: boolean;
  faults?: SmtpFaults;
}

export interface LocalSmtpServer {
  host: string;
  port: number;
  mails: readonly ReceivedMail[];
  /** Logins that were tried, right or wrong. */
  logins: readonly { user: string; isEncrypted: boolean }[];
  /** Connections that were opened. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A real SMTP server (smtp-server) on loopback that keeps the mails it takes. */
export async function startSmtpServer(options: SmtpServerOptions = {}): Promise<LocalSmtpServer> {
  const { tls, encryption = tls ? 'starttls' : 'none', users, faults = {} } = options;
  const mails: ReceivedMail[] = [];
  const logins: { user: string; isEncrypted: boolean }[] = [];
  let connections = 0;
  const server = new SMTPServer({
    ...(tls ? { key: tls.key, cert: tls.cert } : {}),
    secure: encryption === 'tls',
    disableReverseLookup: true,
    hideSTARTTLS: encryption !== 'starttls',
    disabledCommands: [...(encryption === 'starttls' ? [] : ['STARTTLS']), ...(users ? [] : ['AUTH'])],
    authOptional: users === undefined,
    allowInsecureAuth: options.plainLogin ?? false,
    size: MAX_MAIL_BYTES,
    closeTimeout: 100,
    logger: false,
    onConnect: (_session, done) => {
      connections++;
      if (faults.hang !== 'greeting') done();
    },
    onAuth: ({ username = '', password }, session, done) => {
      logins.push({ user: username, isEncrypted: session.secure });
      if (users?.[username] !== undefined && users[username] === password) done(null, { user: username });
      else done(refusal(535, `5.7.8 ${username} and ${password} are not known here`));
    },
    onRcptTo: ({ address }, _session, done) => {
      const code = faults.recipients?.[address];
      done(code === undefined ? null : refusal(code, `${code >= 500 ? '5.1.1' : '4.2.1'} <${address}> is not taken`));
    },
    onData: (stream, session, done) => {
      receive(stream).then(async (raw) => {
        if (faults.hang === 'data') return;
        if (faults.message !== undefined) return done(refusal(faults.message, raw.toString('utf8').replace(/\s+/g, ' ').slice(0, 300)));
        mails.push(await parse(raw, session));
        return done(null, 'queued');
      }, done);
    },
  });
  // A peer that leaves in the middle of a handshake is no fault of this server.
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.server.address();
  return {
    host: '127.0.0.1',
    port: typeof address === 'object' && address !== null ? address.port : 0,
    mails,
    logins,
    get connections() {
      return connections;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function receive(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function parse(raw: Buffer, { envelope, secure, user }: SMTPServerSession): Promise<ReceivedMail> {
  const mail = await PostalMime.parse(raw);
  return {
    from: envelope.mailFrom ? envelope.mailFrom.address : '',
    to: envelope.rcptTo.map(({ address }) => address),
    subject: mail.subject ?? '',
    text: (mail.text ?? '').trimEnd(),
    html: (mail.html ?? '').trimEnd(),
    messageId: mail.messageId ?? '',
    headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
    isEncrypted: secure,
    ...(typeof user === 'string' ? { user } : {}),
  };
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

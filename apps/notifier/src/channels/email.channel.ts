import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { nameTarget } from './call-provider.js';
import { ChannelError } from './channel.errors.js';
import type { Channel, Message, SendContext, Sent } from './channel.js';
import { connectSmtp, isLoopback } from './connect-smtp.js';
import { caOption, verifyOption } from './service-options.schema.js';
import { codesOf, type SmtpFailure, smtpRefusal } from './smtp-answer.js';
import { textOfHtml } from './text-of-html.js';

const TLS_PORT = 465;
const SUBMISSION_PORT = 587;
const MAX_RECIPIENTS = 50;
const MAX_BODY = 1024 * 1024;
const MAX_SUBJECT = 500;
/** Silence of a server after which a session is given up; the whole attempt has the deadline of its context. */
const SILENCE_MS = 20_000;
/** One address without comments and quoted local parts, which nobody subscribes and parsers disagree about. */
const ADDRESS = /^[^\s@<>()[\]\\,;:"]{1,64}@[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/i;
const ONE_LINE = /^[^\r\n\0]*$/;

export const emailConfigSchema = z.object({
  host: z
    .string()
    .trim()
    .regex(/^[a-z0-9.:[\]-]{1,255}$/i, 'is no host name')
    .meta({ description: 'Mail server' }),
  port: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(SUBMISSION_PORT)
    .meta({ description: '465 speaks TLS from the start; 587 must offer STARTTLS; with others it must if there is a username' }),
  username: z.string().optional().meta({ description: 'Logs in, over an encrypted connection only' }),
  password: z.string().optional().meta({ description: '`$key`' }),
  from: z
    .string()
    .trim()
    .refine(
      (from) => ADDRESS.test(bare(from)) && ONE_LINE.test(from),
      'is no address: write `fleet@example.com` or `Fleet <fleet@example.com>`',
    )
    .meta({ description: 'Sender, with or without a name' }),
  encryption: z.enum(['tls', 'starttls', 'opportunistic']).optional().meta({
    description: 'TLS from the start, STARTTLS, or STARTTLS where it is offered, which never sends a password; by default as the port says',
  }),
  html: z.boolean().default(false).meta({ description: 'The body is HTML; a plain text part is made from it' }),
  allowPlainOnLoopback: z
    .boolean()
    .default(false)
    .meta({ description: 'A server on this host (127.0.0.0/8, ::1) may be spoken to without TLS, login included' }),
  ca: caOption,
  insecure_skip_verify: verifyOption,
});
export type EmailConfig = z.infer<typeof emailConfigSchema>;

export const emailPartsSchema = z.object({
  subject: z.string().optional().meta({ description: 'Subject, one line' }),
  body: z.string().optional().meta({ description: "Instead of the template's message" }),
});
export type EmailParts = z.infer<typeof emailPartsSchema>;

/** Mail over SMTP to the addresses of a recipient, separated by commas. */
export const emailChannel: Channel<EmailConfig, EmailParts> = {
  type: 'email',
  schema: emailConfigSchema,

  readMessage: ({ email }) => (email === undefined ? undefined : z.object({ email: emailPartsSchema }).parse({ email }).email),

  checkRecipient(recipient) {
    const addresses = readAddresses(recipient);
    if (addresses.length === 0) return 'names no address';
    if (addresses.length > MAX_RECIPIENTS) return `names ${addresses.length} addresses; at most ${MAX_RECIPIENTS} share a mail`;
    return addresses.every((address) => ADDRESS.test(address)) ? undefined : 'is no address or list of addresses separated by commas';
  },

  async send(config, message, context) {
    const to = nameTarget(context.service, message.recipient);
    const server = `${config.host}:${config.port}`;
    const wrong = this.checkRecipient?.(message.recipient);
    if (wrong !== undefined) throw new ChannelError(`${to}: the recipient ${wrong}`, { code: 'email-recipient', retry: 'never' });
    try {
      return await submit(config, { ...composeMail(to, config, message, context) }, context);
    } catch (error) {
      throw smtpRefusal(to, server, error);
    }
  },
};

export interface Mail {
  from: string;
  to: readonly string[];
  subject: string;
  text: string;
  html?: string;
  /** The same for every attempt: mailboxes show a message that comes twice once. */
  messageId: string;
  inReplyTo?: string;
  references?: string;
  headers: Readonly<Record<string, string>>;
}

function composeMail(to: string, config: EmailConfig, message: Message<EmailParts>, context: SendContext): Mail {
  const body = message.parts?.body?.trim() ? message.parts.body : message.body;
  const subject = (message.parts?.subject?.trim() || message.title.trim()).slice(0, MAX_SUBJECT);
  if (!ONE_LINE.test(subject)) {
    throw new ChannelError(`${to}: email.subject has a line break after rendering; write it in one line`, {
      code: 'email-subject',
      retry: 'never',
    });
  }
  if (body.length > MAX_BODY)
    throw new ChannelError(`${to}: the body has ${body.length} characters; at most ${MAX_BODY} are sent`, {
      code: 'email-too-large',
      retry: 'never',
    });
  const thread = context.thread?.threadId ?? context.thread?.providerId;
  const links = config.html || message.parts?.body?.trim() ? [] : message.links.map(({ title, url }) => `${title}: ${url}`);
  return {
    from: config.from,
    to: readAddresses(message.recipient),
    subject,
    text: config.html ? textOfHtml(body) : [body.trimEnd(), ...links].join('\n'),
    ...(config.html ? { html: body } : {}),
    messageId: `<${context.idempotencyKey}@${bare(config.from).split('@')[1]}>`,
    ...(thread === undefined ? {} : { inReplyTo: thread, references: thread }),
    headers: {
      // RFC 3834: nobody answers a machine with an absence notice.
      'Auto-Submitted': 'auto-generated',
      ...(context.isPossibleDuplicate ? { 'X-Flotilla-Possible-Duplicate': 'true' } : {}),
    },
  };
}

async function submit(config: EmailConfig, mail: Mail, context: SendContext): Promise<Sent> {
  const socket = await connectSmtp(config, context);
  const credentials = config.username ? { user: config.username, pass: config.password ?? '' } : undefined;
  const transport = createTransport({
    host: config.host,
    port: config.port,
    ...tlsOf(config, isLoopback(socket.remoteAddress)),
    ...(credentials === undefined ? {} : { auth: credentials, forceAuth: true }),
    connection: socket,
    tls: { minVersion: 'TLSv1.2', ...(config.ca === undefined ? {} : { ca: config.ca }) },
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    socketCloseTimeout: 0,
    maxResponseSize: 64 * 1024,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const sent = await transport.sendMail({ ...mail, to: [...mail.to], signal: context.signal });
    const refused: SmtpFailure[] = sent.rejectedErrors ?? [];
    const later = refused.find(({ responseCode }) => responseCode !== undefined && responseCode < 500);
    // The others have it already: they get it again, with the same Message-ID. Losing it for one would be worse.
    if (later) throw later;
    const rest = refused.length > 0 ? `; not by ${sent.rejected.join(', ')}${codesOf(refused[0]!)}` : '';
    return {
      providerId: mail.messageId,
      threadId: mail.references ?? mail.messageId,
      detail: `accepted by ${config.host} for ${sent.accepted.length} of ${mail.to.length} addresses${rest}`,
    };
  } finally {
    transport.close();
    socket.destroy();
  }
}

/** How nodemailer encrypts: a password is never sent in clear, except to this host and when the operator says so. */
export function tlsOf(
  { port, username, encryption, allowPlainOnLoopback }: Pick<EmailConfig, 'port' | 'username' | 'encryption' | 'allowPlainOnLoopback'>,
  isLocal: boolean,
): { secure: boolean; requireTLS: boolean; ignoreTLS: boolean } {
  const mode = encryption ?? (port === TLS_PORT ? 'tls' : port === SUBMISSION_PORT ? 'starttls' : 'opportunistic');
  const secure = mode === 'tls';
  const isPlain = !secure && allowPlainOnLoopback && isLocal;
  return { secure, requireTLS: !secure && !isPlain && (mode === 'starttls' || Boolean(username)), ignoreTLS: isPlain };
}

function readAddresses(recipient: string): string[] {
  return recipient
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
}

/** The address of `Name <address>`. */
function bare(from: string): string {
  return /<([^<>]*)>$/.exec(from)?.[1] ?? from;
}

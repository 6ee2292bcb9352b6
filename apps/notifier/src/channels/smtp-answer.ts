import { AddressDeniedError } from '@flotilla/http';
import { FlotillaError, messageOf, type Retry } from '@flotilla/kernel';
import { ChannelError } from './channel.errors.js';

/** A connection or session that failed before the server judged the message. */
export class SmtpError extends FlotillaError {
  readonly code: string;
  override readonly retry: Retry = 'later';

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What nodemailer's errors carry; `response` is the server's text, which may repeat what it was sent, and is never passed on. */
export interface SmtpFailure {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
  message?: string;
}

/** Servers that greylist want to be asked again after minutes, not seconds. */
const DEFERRED_MS = 300_000;
const CERTIFICATE = /certificate|self.signed|unable to verify|altnames/i;

/**
 * What a failed session means: 4xx and lost connections are tried again, 5xx are not; a certificate that does not hold is tried
 * again, since it is renewed without anybody touching the message.
 */
export function smtpRefusal(to: string, server: string, error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  if (error instanceof AddressDeniedError)
    return new ChannelError(`${to}: ${messageOf(error)}`, { code: 'email-address-denied', retry: 'never' });
  if (error instanceof SmtpError) return new ChannelError(`${to}: ${messageOf(error)}`, { code: error.code, retry: 'later' });
  const failure = (error ?? {}) as SmtpFailure;
  const { responseCode } = failure;
  const answer = codesOf(failure);
  if (failure.code === 'ETLS' || CERTIFICATE.test(failure.message ?? '')) return insecure(to, server, failure);
  if (failure.code === 'EAUTH' && (responseCode === undefined || responseCode >= 500)) {
    const remedy = 'check username and password of the service, and that the server offers a login';
    return new ChannelError(`${to}: ${server} refuses the login${answer}; ${remedy}`, { code: 'smtp-auth', retry: 'never' });
  }
  if (responseCode !== undefined && responseCode >= 500) {
    const step = failure.command ? ` at ${stepOf(failure.command)}` : '';
    return new ChannelError(`${to}: ${server} refuses${step}${answer}`, { code: 'smtp-refused', retry: 'never' });
  }
  if (responseCode !== undefined && responseCode >= 400) {
    const isProviderDown = responseCode === 421;
    const failure = { code: 'smtp-deferred', retry: 'later', isProviderDown, retryAfterMs: DEFERRED_MS } as const;
    return new ChannelError(`${to}: ${server} asks to try later${answer}`, failure);
  }
  if (failure.code === 'EENVELOPE')
    return new ChannelError(`${to}: an address is not one that ${server} can be given`, { code: 'smtp-address', retry: 'never' });
  return new ChannelError(`${to}: no answer from ${server} (${failure.code ?? 'broken connection'})`, {
    code: 'smtp-unavailable',
    retry: 'later',
    mayHaveArrived: true,
  });
}

function insecure(to: string, server: string, { message = '' }: SmtpFailure): ChannelError {
  if (CERTIFICATE.test(message)) {
    const remedy = 'give the authority that signed its certificate as `ca` of the service';
    return new ChannelError(`${to}: ${server} shows a certificate that is not trusted or not for it; ${remedy}`, {
      code: 'smtp-certificate',
      retry: 'later',
    });
  }
  return new ChannelError(`${to}: ${server} does not encrypt the connection (STARTTLS), so nothing is sent`, {
    code: 'smtp-no-tls',
    retry: 'later',
    isProviderDown: false,
  });
}

/** ` (550 5.1.1)`: the codes of RFC 5321 and RFC 3463, without the text. */
export function codesOf({ response = '', responseCode }: SmtpFailure): string {
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  return responseCode === undefined ? '' : ` (${[responseCode, enhanced].filter(Boolean).join(' ')})`;
}

function stepOf(command: string): string {
  return /^[A-Z]{4,8}( [A-Z]{2,4})?$/.exec(command)?.[0] ?? 'the message';
}

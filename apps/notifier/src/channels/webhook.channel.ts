import { z } from 'zod';
import { callProvider, nameTarget, readRetryAfter } from './call-provider.js';
import { ChannelError } from './channel.errors.js';
import type { Channel } from './channel.js';
import { addressOption, caOption, verifyOption } from './service-options.schema.js';
import { SIGNATURE_HEADER, signWebhook } from './sign-webhook.js';

const MAX_BODY_BYTES = 1024 * 1024;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** Set by the call itself; another value would break it or reach another host than the address says. */
const RESERVED = /^(host|content-length|transfer-encoding|connection|upgrade|te|trailer|proxy-.*)$/i;
const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, 'is no header name')
  .refine((name) => !RESERVED.test(name), 'is a header that is set by the call itself');
const headerValue = z
  .string()
  .trim()
  .max(8_192)
  .regex(/^[\t\x20-\x7e]*$/, 'holds a line break or a character that headers cannot carry');

export const webhookConfigSchema = z.object({
  url: addressOption.meta({ description: 'Base address; the path of a template is appended' }),
  headers: z
    .array(z.object({ name: headerName, value: headerValue }))
    .max(50)
    .default([])
    .meta({ description: 'Sent with every call' }),
  basicAuth: z.object({ username: z.string(), password: z.string() }).optional().meta({ description: 'Sent as Authorization' }),
  hmacSecret: z.string().min(16, 'is shorter than 16 characters').optional().meta({ description: 'Signs every call: `$key`' }),
  signatureHeader: headerName.default(SIGNATURE_HEADER).meta({ description: 'Name of the header with the signature' }),
  ca: caOption,
  insecureSkipVerify: verifyOption,
});
export type WebhookConfig = z.infer<typeof webhookConfigSchema>;

export const webhookPartsSchema = z.object({
  method: z
    .string()
    .transform((method) => method.toUpperCase())
    .pipe(z.enum(METHODS))
    .default('GET')
    .meta({ description: 'HTTP method' }),
  path: z.string().default('').meta({ description: "Appended to the service's address" }),
  body: z.string().default('').meta({ description: "The body, in place of the template's message" }),
});
export type WebhookParts = z.infer<typeof webhookPartsSchema>;

/**
 * Any HTTP endpoint, as Argo CD calls it: without a part of the template for this service it is a GET with the message as body.
 * Each call carries an idempotency key, and a signature where the service has a secret.
 */
export const webhookChannel: Channel<WebhookConfig, WebhookParts> = {
  type: 'webhook',
  schema: webhookConfigSchema,
  // Machines take a burst whole, where people get what a storm leaves of it.
  maxAtOnce: 64,

  readMessage({ webhook }, { name }) {
    if (webhook === undefined) return undefined;
    return z.object({ webhook: z.record(z.string(), webhookPartsSchema) }).parse({ webhook }).webhook[name];
  },

  async send(config, message, context) {
    const to = nameTarget(context.service, message.recipient);
    const { method, path, body } = message.parts ?? { method: 'GET', path: '', body: message.body };
    const size = Buffer.byteLength(body);
    const refuse = (code: string, cause: string) => new ChannelError(`${to}: ${cause}`, { code: `webhook-${code}`, retry: 'never' });
    if (size > MAX_BODY_BYTES) throw refuse('too-large', `the body is ${size} bytes; at most ${MAX_BODY_BYTES} are sent`);
    const url = new URL(path === '' ? config.url : `${config.url.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`);
    if (url.origin !== new URL(config.url).origin) throw refuse('path', 'the path of the template leads to another host');
    const authorization = authorizationOf(config);
    const response = await callProvider(
      {
        to,
        url: url.href,
        method,
        headers: {
          'content-type': mediaTypeOf(body),
          ...Object.fromEntries(plainHeaders(config).map(({ name, value }) => [name.toLowerCase(), value])),
          // Node sends the body of a GET without its length, which the next request on the connection would then begin with.
          'content-length': `${size}`,
          'idempotency-key': context.idempotencyKey,
          ...(context.isPossibleDuplicate ? { 'x-flotilla-possible-duplicate': 'true' } : {}),
          ...(config.hmacSecret === undefined ? {} : signWebhook(config.hmacSecret, body, context.now, config.signatureHeader)),
        },
        ...(size > 0 ? { body } : {}),
        ...(authorization === undefined ? {} : { credential: { origin: url.origin, authorization } }),
        ca: config.ca,
      },
      context,
    );
    if (response.status >= 200 && response.status <= 299) return { detail: `${method} ${url.origin} answered ${response.status}` };
    throw refusal(to, url.origin, response.status, readRetryAfter(response.headers['retry-after'], context.now));
  },
};

function refusal(to: string, origin: string, status: number, retryAfterMs: number | undefined): ChannelError {
  const message = `${to}: ${origin} answers ${status}`;
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) return new ChannelError(message, { code: 'webhook-rate-limited', retry: 'later', isProviderDown: false, ...wait });
  if (status === 408 || status === 425 || status >= 500)
    return new ChannelError(message, { code: 'webhook-unavailable', retry: 'later', ...wait });
  const hint =
    status === 401 || status === 403 ? '; check the headers and basicAuth of the service' : '; check the address and the template';
  return new ChannelError(message + hint, { code: `webhook-refused-${status}`, retry: 'never' });
}

function authorizationOf({ basicAuth, headers }: WebhookConfig): string | undefined {
  if (basicAuth) return `Basic ${Buffer.from(`${basicAuth.username}:${basicAuth.password}`).toString('base64')}`;
  return headers.find(({ name }) => name.toLowerCase() === 'authorization')?.value;
}

/** All but Authorization, which is bound to the origin. */
function plainHeaders({ headers }: WebhookConfig): WebhookConfig['headers'] {
  return headers.filter(({ name }) => name.toLowerCase() !== 'authorization');
}

function mediaTypeOf(body: string): string {
  try {
    JSON.parse(body);
    return 'application/json';
  } catch {
    return 'text/plain; charset=utf-8';
  }
}

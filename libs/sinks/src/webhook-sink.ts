import { createHmac, timingSafeEqual } from 'node:crypto';
import { type HttpSinkOptions, type SinkRequest, serveHttp } from './serve-http.js';

/** How old or new a signed timestamp may be. */
const TOLERANCE_SECONDS = 300;

export interface WebhookSinkOptions extends HttpSinkOptions {
  /** Verifies signatures; without it everything is taken. */
  hmacSecret?: string;
  signatureHeader?: string;
  /** Answer to what is taken; default 204. */
  status?: number;
  now?: () => number;
}

export interface ReceivedWebhook extends SinkRequest {
  signature: 'valid' | 'invalid' | 'stale' | 'missing';
  idempotencyKey?: string;
}

export interface WebhookSink {
  url: string;
  received: readonly ReceivedWebhook[];
  requests: readonly SinkRequest[];
  close(): Promise<void>;
}

/** An endpoint that verifies signatures the way the user guide tells receivers to, and answers 401 to any but a valid one. */
export async function startWebhookSink(options: WebhookSinkOptions = {}): Promise<WebhookSink> {
  const received: ReceivedWebhook[] = [];
  const server = await serveHttp(options, (request) => {
    const signature = judgeSignature(request, options);
    received.push({ ...request, signature, idempotencyKey: request.headers['idempotency-key'] });
    if (options.hmacSecret !== undefined && signature !== 'valid') return { status: 401 };
    return { status: options.status ?? 204 };
  });
  return { url: server.origin, received, requests: server.requests, close: server.close };
}

function judgeSignature(
  { headers, body }: SinkRequest,
  { hmacSecret, signatureHeader = 'X-Flotilla-Signature-256', now = Date.now }: WebhookSinkOptions,
): ReceivedWebhook['signature'] {
  const given = headers[signatureHeader.toLowerCase()];
  const timestamp = headers['x-flotilla-timestamp'];
  if (hmacSecret === undefined || given === undefined || timestamp === undefined) return 'missing';
  const expected = Buffer.from(`sha256=${createHmac('sha256', hmacSecret).update(`${timestamp}.${body}`).digest('hex')}`);
  const actual = Buffer.from(given);
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return 'invalid';
  return Math.abs(now() / 1_000 - Number(timestamp)) <= TOLERANCE_SECONDS ? 'valid' : 'stale';
}

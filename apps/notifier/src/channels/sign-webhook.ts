import { createHmac } from 'node:crypto';

export const SIGNATURE_HEADER = 'X-Flotilla-Signature-256';
export const TIMESTAMP_HEADER = 'X-Flotilla-Timestamp';

/**
 * The headers by which a receiver knows who sent a body and when: `sha256=` and the hex HMAC-SHA256 of the timestamp (Unix seconds),
 * a full stop and the raw body. The timestamp is under the signature, so that an old request cannot be sent again with a new one.
 */
export function signWebhook(secret: string, body: string, now: Date, header: string = SIGNATURE_HEADER): Record<string, string> {
  const timestamp = `${Math.floor(now.getTime() / 1_000)}`;
  const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`, 'utf8').digest('hex');
  return { [TIMESTAMP_HEADER]: timestamp, [header]: `sha256=${digest}` };
}

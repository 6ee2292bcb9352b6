import { AddressPolicy, HttpClient } from '@flotilla/http';
import type { Channel, Message, SendContext, ServiceName } from '../channel.js';

/** Loopback is allowed, as an operator would for a test, and nothing else that is private. */
export const localAddresses = new AddressPolicy({ allow: ['127.0.0.1/32'] });

export function buildMessage<Parts>(changes: Partial<Message<Parts>> = {}): Message<Parts> {
  return { title: 'guestbook failed', body: 'guestbook failed in eu-1', recipient: '', links: [], ...changes };
}

export function buildContext(service: ServiceName, changes: Partial<SendContext> = {}): SendContext {
  const addresses = changes.addresses ?? localAddresses;
  return {
    service,
    idempotencyKey: 'c0ffee'.repeat(8),
    attempt: 1,
    isPossibleDuplicate: false,
    http: new HttpClient({ addresses }),
    now: new Date('2026-03-01T12:00:00Z'),
    signal: AbortSignal.timeout(10_000),
    ...changes,
    addresses,
  };
}

/** Reads a service's options and a template as the engine does, and sends; names default to the channel's type. */
export function sender<Config, Parts>(channel: Channel<Config, Parts>, options: unknown, name: string = channel.type) {
  const service = { type: channel.type, name };
  const config = channel.schema.parse(options);
  return (message: Partial<Message<Parts>> & { template?: Record<string, unknown> }, changes: Partial<SendContext> = {}) => {
    const { template, ...rest } = message;
    const parts = template === undefined ? undefined : channel.readMessage(template, service);
    return channel.send(
      config,
      buildMessage<Parts>({ ...(parts === undefined ? {} : { parts }), ...rest }),
      buildContext(service, changes),
    );
  };
}

/** What a send was refused with; fails when it was not. */
export async function refusalOf(sending: Promise<unknown>): Promise<Error & { code?: string; failure?: Record<string, unknown> }> {
  try {
    await sending;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('the message was sent');
}

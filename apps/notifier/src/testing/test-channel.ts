import { z } from 'zod';
import type { Channel, Message, SendContext, Sent } from '../channels/channel.js';

export interface Delivery {
  message: Message;
  context: SendContext;
  config: unknown;
}

/** A channel that keeps what it is sent; `answer` says what becomes of each. */
export class TestChannel implements Channel<unknown, unknown> {
  readonly type: string;
  readonly schema = z.object({ token: z.string().optional() });
  readonly sent: Delivery[] = [];
  answer: (delivery: Delivery) => Promise<Sent> | Sent = ({ message }) => ({
    providerId: `id-${this.sent.length}`,
    threadId: `thread-${this.sent.length}`,
    detail: message.title,
  });

  constructor(
    type: string,
    readonly maxAtOnce = 8,
  ) {
    this.type = type;
  }

  readMessage(template: Readonly<Record<string, unknown>>): unknown {
    return template[this.type];
  }

  async send(config: unknown, message: Message, context: SendContext): Promise<Sent> {
    const delivery = { message, context, config };
    this.sent.push(delivery);
    return this.answer(delivery);
  }

  /** `recipient title` of everything sent. */
  get titles(): string[] {
    return this.sent.map(({ message }) => `${message.recipient}: ${message.title}`);
  }
}

import { type NatsServer, startNats } from '@flotilla/testkit';
import { connect, type NatsConnection } from '@nats-io/transport-node';

const DIALLING = 32;

/** One message to each of many subscribers over a NATS server of its own: the least that reaching a fleet costs. */
export class RawUnicast {
  readonly #count: number;
  #nats: NatsServer | undefined;
  readonly #connections: NatsConnection[] = [];
  #publisher: NatsConnection | undefined;
  #heard = 0;
  #allHeard: () => void = () => {};

  constructor(count: number) {
    this.#count = count;
  }

  async open(): Promise<void> {
    this.#nats = await startNats();
    const { url } = this.#nats;
    this.#publisher = await connect({ servers: url });
    let next = 0;
    const dial = async (): Promise<void> => {
      for (let i = next++; i < this.#count; i = next++) {
        const connection = await connect({ servers: url });
        connection.subscribe(`bench.${i}`, { callback: () => this.#hear() });
        await connection.flush();
        this.#connections.push(connection);
      }
    };
    await Promise.all(Array.from({ length: DIALLING }, dial));
  }

  /** Resolves when every subscriber has heard its message. */
  async send(payload: (subscriber: number) => Uint8Array): Promise<void> {
    this.#heard = 0;
    const all = new Promise<void>((resolve) => {
      this.#allHeard = resolve;
    });
    for (let i = 0; i < this.#count; i++) this.#publisher?.publish(`bench.${i}`, payload(i));
    await all;
  }

  async close(): Promise<void> {
    await Promise.all([this.#publisher, ...this.#connections].map((connection) => connection?.close()));
    await this.#nats?.stop();
  }

  #hear(): void {
    if (++this.#heard === this.#count) this.#allHeard();
  }
}

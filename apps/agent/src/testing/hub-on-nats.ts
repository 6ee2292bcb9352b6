import { META_HEADER, SPOKE_REQUESTS, spokeSubject } from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { FakeHub } from '../link/hub.link.fake.js';

/** The hub of one spoke behind a NATS server, for an agent that is a process of its own. */
export class HubOnNats {
  readonly hub = new FakeHub();
  readonly #connection: NatsConnection;

  private constructor(connection: NatsConnection, url: string) {
    this.#connection = connection;
    this.hub.identity.natsUrls = [url];
    this.hub.identity.userJwt = 'a.b.c';
  }

  static async start(url: string): Promise<HubOnNats> {
    const found = new HubOnNats(await connect({ servers: url }), url);
    for (const verb of SPOKE_REQUESTS) found.#serve(verb);
    await found.#connection.flush();
    return found;
  }

  /** Rings the doorbell for what was assigned last. */
  wake(): void {
    this.#connection.publish(this.#subject('wake'), JSON.stringify(this.hub.position));
  }

  async stop(): Promise<void> {
    await this.#connection.close();
  }

  #serve(verb: (typeof SPOKE_REQUESTS)[number]): void {
    this.#connection.subscribe(this.#subject(verb), {
      callback: (_error, message) => {
        const { meta, bytes } = this.hub.reply(verb, message.json());
        if (bytes.length === 0) return void message.respond(JSON.stringify(meta));
        const extra = headers();
        extra.set(META_HEADER, JSON.stringify(meta));
        message.respond(bytes, { headers: extra });
      },
    });
  }

  #subject(verb: Parameters<typeof spokeSubject>[1]): string {
    return spokeSubject(this.hub.identity.spokeId as SpokeId, verb);
  }
}

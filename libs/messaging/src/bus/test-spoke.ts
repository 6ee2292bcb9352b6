import { META_HEADER, spokeInbox, spokeSubject } from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import { generateNkey, type Nkey } from '@flotilla/keyring';
import { connect, headers, jwtAuthenticator, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { NatsTrust } from '../nats/nats-trust.js';

export interface TestSpokeOptions {
  url: string;
  spoke: SpokeId;
  /** Mints a credential for a key of its own... */
  trust?: NatsTrust;
  /** ...or the credential to use. */
  credential?: { jwt: string; nkey: Nkey };
}

/** The agent's end of the wire, for tests: nothing reconnects, and every permission violation is kept. */
export class TestSpoke {
  readonly connection: NatsConnection;
  readonly spoke: SpokeId;
  /** Permission violations and other complaints of the server, oldest first. */
  readonly complaints: string[] = [];

  private constructor(connection: NatsConnection, spoke: SpokeId) {
    this.connection = connection;
    this.spoke = spoke;
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') this.complaints.push(status.error.message);
    })();
  }

  /** Rejects when the server refuses the credential. */
  static async connect({ url, spoke, trust, credential }: TestSpokeOptions): Promise<TestSpoke> {
    const nkey = credential?.nkey ?? generateNkey('user');
    const nowSeconds = Math.floor(Date.now() / 1000);
    const jwt = credential?.jwt ?? trust?.spokeJwt(spoke, nkey.publicKey, nowSeconds, nowSeconds + 3600) ?? '';
    const authenticator = jwtAuthenticator(jwt, new TextEncoder().encode(nkey.seed));
    const settings = { servers: url, inboxPrefix: spokeInbox(spoke), authenticator, reconnect: false, timeout: 4_000 };
    return new TestSpoke(await connect(settings), spoke);
  }

  /** The reply's JSON, or for a binary one its meta with `bytes`. */
  async request(verb: 'hello' | 'desired' | 'blobs' | 'status' | 'secrets', content: unknown, timeoutMs = 3_000): Promise<unknown> {
    const options = { timeout: timeoutMs };
    const reply = await this.connection.request(spokeSubject(this.spoke, verb), JSON.stringify(content), options);
    const meta = reply.headers?.get(META_HEADER);
    return meta ? { ...JSON.parse(meta), bytes: reply.data } : reply.json();
  }

  publish(subject: string, content: unknown, options: { reply?: string; header?: [string, string] } = {}): void {
    const marks = headers();
    if (options.header) marks.set(...options.header);
    this.connection.publish(subject, JSON.stringify(content), { reply: options.reply, ...(options.header ? { headers: marks } : {}) });
  }

  /** Everything heard on a subject from now on. */
  hear(subject: string, queue?: string): { subject: string; text: string }[] {
    const heard: { subject: string; text: string }[] = [];
    const callback = (error: Error | null, message: Msg): void => {
      if (!error) heard.push({ subject: message.subject, text: message.string() });
    };
    this.connection.subscribe(subject, { callback, queue });
    return heard;
  }

  /** Resolves when the server has cut this connection. */
  async cut(): Promise<void> {
    await this.connection.closed();
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}

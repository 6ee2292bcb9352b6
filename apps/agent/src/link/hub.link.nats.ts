import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import {
  answerSubject,
  MAX_PART_BYTES,
  META_HEADER,
  SPOKE_REQUEST_TIMEOUT_MS,
  type SpokeRequest,
  spokeInbox,
  spokeSubject,
} from '@flotilla/contracts';
import { messageOf, type SpokeId, UnavailableError } from '@flotilla/kernel';
import { connect, headers, jwtAuthenticator, type Msg, type NatsConnection, type TlsOptions } from '@nats-io/transport-node';
import type { Log } from '../log.js';
import { HubLink, type LinkListener, type LinkReply } from './hub.link.js';

export interface NatsLinkOptions {
  spokeId: SpokeId;
  urls: readonly string[];
  /** PEM */
  ca?: string;
  /** Read at each connect, so that a renewed one is used. */
  userJwt: () => string;
  nkeySeed: string;
  log: Log;
}

const RECONNECT_WAIT_MS = 1_000;
/** Ten thousand spokes come back spread over this time. */
const RECONNECT_JITTER_MS = 5_000;
/** Requests and replies stay below this; the server's own limit is 1 MiB with headers. */
const MAX_MESSAGE_BYTES = MAX_PART_BYTES;

/** Core NATS with a user JWT and nkey; replies come to an inbox below the spoke's own prefix. */
export class NatsHubLink extends HubLink {
  readonly #connection: NatsConnection;
  readonly #spokeId: SpokeId;
  readonly #log: Log;
  #listener: LinkListener | undefined;

  private constructor(connection: NatsConnection, spokeId: SpokeId, log: Log) {
    super();
    this.#connection = connection;
    this.#spokeId = spokeId;
    this.#log = log;
  }

  /** Dials once; the caller tries again. A line that was up redials by itself for ever. */
  static async connect(options: NatsLinkOptions): Promise<NatsHubLink> {
    const seed = new TextEncoder().encode(options.nkeySeed);
    const isPlain = options.urls.every((url) => url.startsWith('nats://'));
    const connection = await connect({
      servers: [...options.urls],
      name: `flotilla-agent ${options.spokeId}`,
      inboxPrefix: spokeInbox(options.spokeId),
      authenticator: jwtAuthenticator(options.userJwt, seed),
      tls: isPlain ? undefined : tlsOptions(options.urls, options.ca),
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: RECONNECT_WAIT_MS,
      reconnectJitter: RECONNECT_JITTER_MS,
      reconnectJitterTLS: RECONNECT_JITTER_MS,
      timeout: SPOKE_REQUEST_TIMEOUT_MS,
      pingInterval: 30_000,
      // Three errors with their stacks would be made ahead of every request; the error that is thrown says which it was.
      noAsyncTraces: true,
    });
    const link = new NatsHubLink(connection, options.spokeId, options.log);
    link.#follow();
    return link;
  }

  /** Resolves when the line is closed for good. */
  closed(): Promise<void> {
    return this.#connection.closed().then(() => undefined);
  }

  async request(verb: SpokeRequest, content: unknown, options: { timeoutMs?: number; traceparent?: string } = {}): Promise<LinkReply> {
    const extra = headers();
    if (options.traceparent) extra.set('traceparent', options.traceparent);
    try {
      const subject = spokeSubject(this.#spokeId, verb);
      const timeout = options.timeoutMs ?? SPOKE_REQUEST_TIMEOUT_MS;
      return readReply(await this.#connection.request(subject, JSON.stringify(content), { timeout, headers: extra }));
    } catch (error) {
      throw new UnavailableError(`the hub does not answer ${verb}: ${messageOf(error)}`, { verb }, error);
    }
  }

  beat(content: unknown): void {
    this.#publish(spokeSubject(this.#spokeId, 'beat'), content);
  }

  answer(token: string, n: number, content: unknown): void {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(token)) return;
    this.#publish(answerSubject(this.#spokeId, token, n), content);
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
    for (const verb of ['wake', 'ask'] as const) {
      this.#connection.subscribe(spokeSubject(this.#spokeId, verb), {
        callback: (error, message) => {
          if (error) this.#log('warn', 'subscription refused', { verb, error: messageOf(error) });
          else this.#hear(verb, message);
        },
      });
    }
    listener.connected();
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #hear(verb: 'wake' | 'ask', message: Msg): void {
    try {
      this.#listener?.[verb](message.json(), message.headers?.get('traceparent') || undefined);
    } catch (error) {
      this.#log('warn', 'unreadable message', { verb, error: messageOf(error) });
    }
  }

  #publish(subject: string, content: unknown): void {
    const text = JSON.stringify(content);
    if (this.#connection.isClosed() || text.length > MAX_MESSAGE_BYTES) return;
    this.#connection.publish(subject, text);
  }

  #follow(): void {
    const run = async (): Promise<void> => {
      for await (const status of this.#connection.status()) {
        if (status.type === 'reconnect') this.#listener?.connected();
        else if (status.type === 'disconnect') this.#listener?.disconnected();
        else if (status.type === 'error') this.#log('warn', 'line to the hub', { error: messageOf(status.error) });
      }
    };
    run().catch((error: unknown) => this.#log('error', 'line to the hub', { error: messageOf(error) }));
  }
}

function readReply(message: Msg): LinkReply {
  const meta = message.headers?.get(META_HEADER);
  return meta ? { meta: JSON.parse(meta), bytes: message.data } : { meta: message.json(), bytes: new Uint8Array() };
}

/** The client checks a server at an IP address against the name `localhost`, because it gives TLS no host there; the dialled hosts count. */
function tlsOptions(urls: readonly string[], ca: string | undefined): TlsOptions {
  const hosts = urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  const options = {
    ca,
    checkServerIdentity: (_name: string, certificate: PeerCertificate): Error | undefined => {
      const errors = hosts.map((host) => checkServerIdentity(host, certificate));
      return errors.includes(undefined) ? undefined : errors[0];
    },
  };
  return options;
}

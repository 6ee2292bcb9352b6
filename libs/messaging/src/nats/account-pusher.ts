import { type Clock, messageOf, UnavailableError } from '@flotilla/kernel';
import type { Logger } from '@flotilla/telemetry';
import { connectNats, type NatsAddress, type NatsLink } from './connect-nats.js';
import type { NatsTrust, Revocations } from './nats-trust.js';

export interface AccountPusherOptions {
  address: NatsAddress;
  trust: NatsTrust;
  /** The revocations in force, read before each push. */
  revocations: () => Promise<Revocations>;
  logger: Logger;
  clock: Clock;
}

const PUSH_TIMEOUT_MS = 2_000;
const RETRY_MS = 1_000;

/**
 * Keeps the servers' accounts as they shall be: pushes HUB and SPOKES, with the revocations in force, at start, on
 * demand and after every reconnect, so that a server that lost its directory is whole again without anybody's help.
 */
export class AccountPusher {
  readonly #options: AccountPusherOptions;
  readonly #stopping = new AbortController();
  #link?: NatsLink;

  constructor(options: AccountPusherOptions) {
    this.#options = options;
  }

  /** Resolves with the connection up and the accounts pushed, or being tried on in the background. */
  async start(): Promise<void> {
    const { address, trust, logger } = this.#options;
    this.#link = await connectNats({
      address,
      credential: trust.systemCredential(),
      name: 'system',
      inboxPrefix: '_INBOX.system',
      logger,
      signal: this.#stopping.signal,
      onReconnect: () => void this.push().catch(() => this.#pushUntilTaken()),
    });
    try {
      await this.push();
    } catch (error) {
      logger.warn('cannot push the accounts to nats', { error });
      void this.#pushUntilTaken();
    }
  }

  /** @throws UnavailableError when no server took the accounts in time; the next reconnect or `push` tries again */
  async push(): Promise<void> {
    const { trust, revocations, clock } = this.#options;
    const issuedAt = Math.floor(clock.now() / 1000);
    for (const jwt of [trust.hubAccountJwt(issuedAt), trust.spokesAccountJwt(await revocations(), issuedAt)]) {
      await this.#pushOne(jwt);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#link?.connection.close();
  }

  async #pushOne(jwt: string): Promise<void> {
    const connection = this.#link?.connection;
    if (!connection) throw new UnavailableError('there is no system connection to NATS yet');
    let answer: string;
    try {
      answer = (await connection.request('$SYS.REQ.CLAIMS.UPDATE', jwt, { timeout: PUSH_TIMEOUT_MS })).string();
    } catch (cause) {
      throw new UnavailableError(`no nats-server took the account: ${messageOf(cause)}`, {}, cause);
    }
    const { error } = JSON.parse(answer) as { error?: { description?: string } };
    if (error) throw new UnavailableError(`nats-server refused the account: ${error.description ?? 'no reason given'}`);
  }

  async #pushUntilTaken(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleep(RETRY_MS, signal).catch(() => undefined);
      try {
        await this.push();
        return;
      } catch (error) {
        if (!signal.aborted) logger.warn('cannot push the accounts to nats', { error });
      }
    }
  }
}

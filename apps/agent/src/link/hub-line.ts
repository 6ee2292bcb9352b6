import { type Clock, ForbiddenError, messageOf } from '@flotilla/kernel';
import type { Log } from '../log.js';
import type { Identity } from '../state/agent-state.js';
import type { HubLink } from './hub.link.js';

export interface HubLineOptions {
  /** Dials with the credential of the moment. */
  connect: (identity: () => Identity) => Promise<HubLink & { closed?: () => Promise<void> }>;
  renew: (identity: Identity) => Promise<Identity>;
  save: (identity: Identity) => Promise<void>;
  expiryOf: (userJwt: string) => number | undefined;
  /** A line is up; it speaks until it is closed. */
  onLine: (link: HubLink) => { stop(): void };
  clock: Clock;
  log: Log;
  random: () => number;
}

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;
/** A line that lasted this long was a good one. */
const STEADY_MS = 10_000;
const CHECK_MS = 60_000;
/** Share of a credential's remaining life after which it is renewed. */
const RENEW_AT = 0.66;

/** Keeps a line to the hub: dials until one is up, dials again when it closes, renews the credential before it expires. */
export class HubLine {
  readonly #options: HubLineOptions;
  readonly #stopping = new AbortController();
  #identity: Identity;
  #link: HubLink | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(identity: Identity, options: HubLineOptions) {
    this.#identity = identity;
    this.#options = options;
  }

  start(): void {
    this.#running = Promise.all([this.#keepLine(), this.#keepCredential()]).then(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#link?.close().catch(() => {});
    await this.#running;
  }

  async #keepLine(): Promise<void> {
    const { connect, onLine, clock, log } = this.#options;
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const link = await connect(() => this.#identity);
        const upSince = clock.now();
        this.#link = link;
        if (signal.aborted) return await link.close();
        const session = onLine(link);
        await Promise.race([link.closed?.() ?? new Promise<void>(() => {}), aborted(signal)]);
        session.stop();
        // A hub that takes a line and drops it at once is no better than one that does not answer.
        failures = clock.now() - upSince < STEADY_MS ? failures + 1 : 0;
        await this.#sleep(this.#backoffMs(failures));
      } catch (error) {
        log('info', 'hub not reached', { error: messageOf(error), failures });
        if (/auth|expired|credential/i.test(messageOf(error))) await this.#renew();
        await this.#sleep(this.#backoffMs(failures++));
      }
    }
  }

  async #keepCredential(): Promise<void> {
    const { clock, expiryOf, random } = this.#options;
    let from = clock.now();
    let seen = this.#identity.userJwt;
    while (!this.#stopping.signal.aborted) {
      if (seen !== this.#identity.userJwt) from = clock.now();
      seen = this.#identity.userJwt;
      const expiry = expiryOf(seen);
      if (expiry !== undefined && clock.now() > from + (expiry - from) * RENEW_AT) await this.#renew();
      await this.#sleep(CHECK_MS * (0.75 + random() / 2));
    }
  }

  async #renew(): Promise<void> {
    const { renew, save, log } = this.#options;
    try {
      this.#identity = await renew(this.#identity);
      await save(this.#identity);
      log('info', 'credential renewed');
    } catch (error) {
      log(error instanceof ForbiddenError ? 'error' : 'info', 'credential not renewed', { error: messageOf(error) });
    }
  }

  #backoffMs(failures: number): number {
    return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10)) * (0.5 + this.#options.random());
  }

  async #sleep(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, this.#stopping.signal).catch(() => {});
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

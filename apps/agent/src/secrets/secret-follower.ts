import type { Grant } from '@flotilla/contracts';
import { type Clock, codeOf, messageOf } from '@flotilla/kernel';
import type { HubLink } from '../link/hub.link.js';
import type { Log } from '../log.js';
import type { HeldSecret } from './prove-secret.js';
import { pullSecrets, type WantedGrant } from './pull-secrets.js';
import type { SecretVault } from './secret-vault.js';

export interface FollowerOptions {
  vault: SecretVault;
  clock: Clock;
  log: Log;
  random: () => number;
  /** What is at hand of an application's secrets, or why nothing is, has changed. */
  onChange: (app: string) => void;
}

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

/** Fetches the values of granted secrets beside everything else: what is missing is asked for again and again, and holds up nothing. */
export class SecretFollower {
  readonly #options: FollowerOptions;
  #grants = new Map<string, Grant>();
  #reasons = new Map<string, string>();
  #session: { link: HubLink; number: number } | undefined;
  #isRunning = false;
  #failures = 0;
  /** While it waits for the next try. */
  #waiting: AbortController | undefined;
  /** Whatever follows the try under way follows at once. */
  #isPoked = false;
  /** A refusal that the session has to hear of. */
  onRefusal: (code: string) => void = () => {};

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** The grants of the document in force; what is at hand of others goes. */
  async setGrants(grants: readonly Grant[]): Promise<void> {
    const former = this.#grants;
    this.#grants = new Map(grants.map((grant) => [grant.id, grant]));
    // What was said of another version says nothing of this one.
    for (const id of this.#reasons.keys()) if (this.#grants.get(id)?.version !== former.get(id)?.version) this.#reasons.delete(id);
    await this.#options.vault.retain(new Set(this.#grants.keys()));
    this.poke();
  }

  begin(link: HubLink, session: number): void {
    this.#session = { link, number: session };
    this.poke();
  }

  end(): void {
    this.#session = undefined;
    this.#isPoked = true;
    this.#waiting?.abort();
  }

  /** Why the version the document names is not at hand. */
  reasonFor(grant: string): string | undefined {
    return this.#reasons.get(grant);
  }

  /** Asks now for whatever is missing, also in the middle of a wait. */
  poke(): void {
    this.#failures = 0;
    this.#isPoked = true;
    this.#waiting?.abort();
    if (this.#isRunning || !this.#session || this.#missing().length === 0) return;
    this.#isRunning = true;
    this.#run()
      .catch((error: unknown) => this.#options.log('error', 'secrets', { error: messageOf(error) }))
      .finally(() => {
        this.#isRunning = false;
      });
  }

  async #run(): Promise<void> {
    const { random } = this.#options;
    for (let session = this.#session; session; session = this.#session) {
      const missing = this.#missing();
      if (missing.length === 0) return;
      this.#isPoked = false;
      await this.#pull(session, missing);
      if (this.#missing().length === 0) return;
      if (this.#isPoked) continue;
      const wait = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#failures++, 10)) * (0.5 + random());
      await this.#wait(wait);
    }
  }

  /** Until a poke, the end of the session, or the time is over. */
  async #wait(ms: number): Promise<void> {
    this.#waiting = new AbortController();
    await this.#options.clock.sleep(ms, this.#waiting.signal).catch(() => {});
    this.#waiting = undefined;
  }

  #missing(): WantedGrant[] {
    const { vault } = this.#options;
    return [...this.#grants.values()].flatMap((grant) =>
      grant.version === undefined || vault.versionOf(grant) === grant.version ? [] : [{ ...grant, version: grant.version }],
    );
  }

  async #pull({ link, number }: { link: HubLink; number: number }, missing: readonly WantedGrant[]): Promise<void> {
    const { log } = this.#options;
    const keep = (secret: HeldSecret, grant: WantedGrant): Promise<void> => this.#keep(secret, grant);
    try {
      const refusals = await pullSecrets({ link, session: number, keep }, missing);
      for (const [grant, reason] of refusals) {
        log('warn', 'secret not taken', { grant, reason });
        this.#because(grant, reason);
      }
    } catch (error) {
      const code = codeOf(error);
      log('warn', 'secrets not fetched', { code, error: messageOf(error) });
      for (const { id } of this.#missing()) this.#because(id, `${code}: the hub gives no secrets now`);
      if (code !== undefined) this.onRefusal(code);
    }
  }

  /** A newer document may have come while the hub answered: then its answer is of yesterday. */
  async #keep(secret: HeldSecret, { app, version }: WantedGrant): Promise<void> {
    if (this.#grants.get(secret.grant)?.version !== version) return;
    await this.#options.vault.keep(secret);
    this.#reasons.delete(secret.grant);
    this.#options.log('info', 'secret taken', { grant: secret.grant, version });
    this.#options.onChange(app);
  }

  #because(id: string, reason: string): void {
    const grant = this.#grants.get(id);
    if (!grant || this.#reasons.get(id) === reason) return;
    this.#reasons.set(id, reason);
    this.#options.onChange(grant.app);
  }
}

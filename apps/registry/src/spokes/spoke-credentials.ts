import type { Clock, SpokeId } from '@flotilla/kernel';
import type { NatsTrust } from '@flotilla/messaging';
import type { RegistryConfig } from '../registry.config.js';

/** What an agent needs to speak on the wire. */
export class SpokeCredentials {
  readonly #trust: NatsTrust;
  readonly #config: RegistryConfig;
  readonly #clock: Clock;

  constructor(trust: NatsTrust, config: RegistryConfig, clock: Clock) {
    this.#trust = trust;
    this.#config = config;
    this.#clock = clock;
  }

  /** A fresh user JWT: allow-list of the spoke's own subjects, good for the configured lifetime. */
  jwt(spoke: { spokeId: SpokeId; publicNkey: string }): string {
    const nowSeconds = Math.floor(this.#clock.now() / 1000);
    return this.#trust.spokeJwt(spoke.spokeId, spoke.publicNkey, nowSeconds, nowSeconds + this.#lifetimeSeconds);
  }

  /**
   * The second up to which a revocation must refuse: past every credential a copy with a clock ahead of ours may have
   * issued. The key never comes back, so refusing the future as well costs nothing.
   */
  revokedUntilSeconds(): number {
    const skewSeconds = 86_400;
    return Math.floor(this.#clock.now() / 1000) + this.#lifetimeSeconds + skewSeconds;
  }

  get natsUrls(): string[] {
    return [...this.#config.natsPublicUrls];
  }

  get #lifetimeSeconds(): number {
    return Math.ceil(this.#config.credentialLifetimeMs / 1000);
  }
}

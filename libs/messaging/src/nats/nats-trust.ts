import type { HubService } from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import { accountJwt, type MasterKeyring, type NatsPermissions, type Nkey, operatorJwt, userJwt } from '@flotilla/keyring';
import { hubPermissions, spokePermissions, spokesPermissions } from './nats-permissions.js';

/** A NATS user: its JWT and the seed that proves it. */
export interface NatsCredential {
  jwt: string;
  seed: string;
}

/** Public nkey -> every credential issued at or before this second is refused. */
export type Revocations = Readonly<Record<string, number>>;

/** Connections at once into account SPOKES: the fleet's size of DESIGN with room for reconnects. */
const MAX_SPOKE_CONNECTIONS = 25_000;
const MAX_HUB_CONNECTIONS = 1_000;
const MAX_SYSTEM_CONNECTIONS = 100;
/** wake, ask and one inbox; a few more for reconnects in flight. */
const MAX_SPOKE_SUBSCRIPTIONS = 16;
const MAX_SPOKE_PAYLOAD_BYTES = 1024 * 1024;
/**
 * Preloaded accounts are older than any that the registry pushes, so that a server that starts again
 * prefers the stored one with its revocations.
 */
const PRELOADED_AT_SECONDS = 1;

/** The NATS operator, accounts and users of a fleet, all derived from the master key. */
export class NatsTrust {
  readonly #keyring: MasterKeyring;
  readonly #operator: Nkey;
  readonly #system: Nkey;
  readonly #hub: Nkey;
  readonly #spokes: Nkey;

  constructor(keyring: MasterKeyring) {
    this.#keyring = keyring;
    this.#operator = keyring.nkey('operator', 'operator');
    this.#system = keyring.nkey('account', 'SYS');
    this.#hub = keyring.nkey('account', 'HUB');
    this.#spokes = keyring.nkey('account', 'SPOKES');
  }

  get systemAccount(): string {
    return this.#system.publicKey;
  }

  get spokesAccount(): string {
    return this.#spokes.publicKey;
  }

  operatorJwt(): string {
    return operatorJwt({
      name: 'flotilla',
      operator: this.#operator,
      systemAccount: this.#system.publicKey,
      issuedAtSeconds: PRELOADED_AT_SECONDS,
    });
  }

  /** Account public key -> JWT, for `resolver_preload`. */
  preloadedAccounts(): Record<string, string> {
    return {
      [this.#system.publicKey]: this.#account('SYS', this.#system, MAX_SYSTEM_CONNECTIONS, PRELOADED_AT_SECONDS),
      [this.#hub.publicKey]: this.hubAccountJwt(PRELOADED_AT_SECONDS),
      [this.#spokes.publicKey]: this.spokesAccountJwt({}, PRELOADED_AT_SECONDS),
    };
  }

  hubAccountJwt(issuedAtSeconds: number): string {
    return this.#account('HUB', this.#hub, MAX_HUB_CONNECTIONS, issuedAtSeconds);
  }

  spokesAccountJwt(revocations: Revocations, issuedAtSeconds: number): string {
    return this.#account('SPOKES', this.#spokes, MAX_SPOKE_CONNECTIONS, issuedAtSeconds, revocations);
  }

  /** A service's user in account HUB. */
  hubCredential(service: HubService): NatsCredential {
    return this.#credential(`hub:${service}`, this.#hub, hubPermissions(service));
  }

  /** A service's user in account SPOKES; undefined for a service that never speaks with spokes. */
  spokesCredential(service: HubService): NatsCredential | undefined {
    const permissions = spokesPermissions(service);
    return permissions && this.#credential(`spokes:${service}`, this.#spokes, permissions);
  }

  /** The user that pushes account JWTs and may do nothing else. */
  systemCredential(): NatsCredential {
    return this.#credential('system', this.#system, { publish: ['$SYS.REQ.CLAIMS.UPDATE'], subscribe: ['_INBOX.system.>'] });
  }

  spokeJwt(spoke: SpokeId, publicNkey: string, issuedAtSeconds: number, expiresAtSeconds: number): string {
    return userJwt({
      name: spoke,
      user: publicNkey,
      account: this.#spokes,
      issuedAtSeconds,
      expiresAtSeconds,
      permissions: spokePermissions(spoke),
      maxSubscriptions: MAX_SPOKE_SUBSCRIPTIONS,
      maxPayloadBytes: MAX_SPOKE_PAYLOAD_BYTES,
    });
  }

  #account(name: string, key: Nkey, maxConnections: number, issuedAtSeconds: number, revocations: Revocations = {}): string {
    return accountJwt({ name, account: key.publicKey, operator: this.#operator, issuedAtSeconds, maxConnections, revocations });
  }

  #credential(name: string, account: Nkey, permissions: NatsPermissions): NatsCredential {
    const user = this.#keyring.nkey('user', name);
    const jwt = userJwt({ name, user: user.publicKey, account, issuedAtSeconds: PRELOADED_AT_SECONDS, permissions });
    return { jwt, seed: user.seed };
  }
}

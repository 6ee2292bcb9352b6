import { randomBytes } from 'node:crypto';
import { CONTROL_NAMESPACE, type Secret } from '@flotilla/contracts';
import type { Clock } from '@flotilla/kernel';
import { newToken } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import { AlreadyExistsError, type ResourceStore } from '@flotilla/resources';
import { argon2id, argon2Verify } from 'hash-wasm';
import { sealSecretData } from '../kube/secret-sealing.js';

/** The Secret Argo CD users know; ours holds an argon2id hash under `admin.password`. */
const KEY = { kind: 'Secret', namespace: CONTROL_NAMESPACE, name: 'argocd-secret' } as const;
const PASSWORD_FIELD = 'admin.password';
const MTIME_FIELD = 'admin.passwordMtime';
export const ADMIN = 'admin';

/** OWASP's second choice of argon2id parameters: 19 MiB, two passes, about 30 ms here. */
const ARGON2 = { parallelism: 1, iterations: 2, memorySize: 19_456, hashLength: 32, outputType: 'encoded' } as const;
/** Checked for users that do not exist, so that the answer takes as long. */
const UNKNOWN_USER_HASH = argon2id({ ...ARGON2, password: 'nobody', salt: randomBytes(16) });

export class LocalAdmin {
  readonly #store: ResourceStore;
  readonly #keyring: Keyring;
  readonly #clock: Clock;

  constructor(store: ResourceStore, keyring: Keyring, clock: Clock) {
    this.#store = store;
    this.#keyring = keyring;
    this.#clock = clock;
  }

  /**
   * Makes the account at the first start; answers the generated password then, and never again. `keep` gets it before
   * the account exists, so that a crash in between loses nothing.
   */
  async ensure(keep: (password: string) => void): Promise<string | undefined> {
    if (await this.#store.get(KEY)) return undefined;
    const password = newToken(15);
    keep(password);
    const hash = await argon2id({ ...ARGON2, password, salt: randomBytes(16) });
    const fields = { [PASSWORD_FIELD]: hash, [MTIME_FIELD]: new Date(this.#clock.now()).toISOString() };
    const data = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
    const secret: Secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: KEY.name, namespace: KEY.namespace, labels: { 'app.kubernetes.io/part-of': 'argocd' } },
      type: 'Opaque',
      data,
    };
    try {
      await this.#store.transaction({ actor: 'service:gateway' }, (tx) => tx.create(sealSecretData(secret, undefined, this.#keyring)));
    } catch (error) {
      // Another copy was first; its password is the one that counts.
      if (error instanceof AlreadyExistsError) return undefined;
      throw error;
    }
    return password;
  }

  async isPassword(username: string, password: string): Promise<boolean> {
    const stored = username === ADMIN ? await this.#field(PASSWORD_FIELD) : undefined;
    const matches = await argon2Verify({ password, hash: stored ?? (await UNKNOWN_USER_HASH) });
    return matches && stored !== undefined;
  }

  /** Tokens issued before this second are void: the password changed since. */
  async passwordChangedAt(): Promise<number> {
    const text = await this.#field(MTIME_FIELD);
    return text ? Math.floor(Date.parse(text) / 1000) : Number.POSITIVE_INFINITY;
  }

  async #field(key: string): Promise<string | undefined> {
    const sealed = (await this.#store.get<Secret>(KEY))?.data?.[key];
    if (sealed === undefined) return undefined;
    return Buffer.from(this.#keyring.open(sealed, { ...KEY, key })).toString('utf8');
  }
}

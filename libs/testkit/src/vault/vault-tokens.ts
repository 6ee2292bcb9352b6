import { randomUUID } from 'node:crypto';

export interface VaultToken {
  value: string;
  namespace: string;
  /** Paths of the API it may read and write, by prefix. */
  paths: readonly string[];
  ttlSeconds: number;
  isRenewable: boolean;
  endsAt: number;
}

export type NewToken = Partial<Pick<VaultToken, 'namespace' | 'paths' | 'ttlSeconds' | 'isRenewable'>>;

/** Tokens of a test server: what they may reach, and until when. */
export class VaultTokens {
  readonly #tokens = new Map<string, VaultToken>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A token with a time to live of 0 does not end. */
  issue({ namespace = '', paths = [''], ttlSeconds = 0, isRenewable = ttlSeconds > 0 }: NewToken): VaultToken {
    const value = `hvs.${randomUUID().replaceAll('-', '')}`;
    const token = { value, namespace, paths, ttlSeconds, isRenewable, endsAt: this.#endOf(ttlSeconds) };
    this.#tokens.set(value, token);
    return token;
  }

  find(value: string | undefined): VaultToken | undefined {
    const token = value === undefined ? undefined : this.#tokens.get(value);
    return token && token.endsAt > this.#now() ? token : undefined;
  }

  renew(token: VaultToken): void {
    token.endsAt = this.#endOf(token.ttlSeconds);
  }

  revoke(value: string): void {
    this.#tokens.delete(value);
  }

  remaining({ endsAt, ttlSeconds }: VaultToken): number {
    return ttlSeconds === 0 ? 0 : Math.max(0, Math.floor((endsAt - this.#now()) / 1000));
  }

  #endOf(ttlSeconds: number): number {
    return ttlSeconds === 0 ? Number.POSITIVE_INFINITY : this.#now() + ttlSeconds * 1000;
  }
}

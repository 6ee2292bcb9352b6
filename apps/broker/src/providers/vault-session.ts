import type { HttpClient } from '@flotilla/http';
import { isObject } from '@flotilla/kernel';
import { SecretFault } from '../secret-fault.errors.js';
import { askProvider } from './ask-provider.js';
import type { ProviderTools } from './secret.provider.js';
import type { VaultSpec } from './vault.schema.js';

export interface VaultConnection {
  store: string;
  /** Without a slash at its end. */
  server: string;
  /** Trusts whom the store says. @throws SecretFault when that cannot be read */
  http(): Promise<HttpClient>;
  headers: Readonly<Record<string, string>>;
}

interface Token {
  value: string;
  isRenewable: boolean;
  leaseMs: number;
  /** When it ends; a token that does not end has Infinity. */
  endsAt: number;
}

/** A token is renewed, or fetched anew, when less than this part of its lease is left. */
const RENEW_BELOW = 1 / 3;

/** One login for all that a store reads: renewed while it is in use, forgotten when the provider refuses it. */
export class VaultSession {
  readonly #auth: VaultSpec['auth'];
  readonly #connection: VaultConnection;
  readonly #tools: Pick<ProviderTools, 'clock' | 'secret'>;
  #token: Token | undefined;
  #pending: Promise<Token> | undefined;

  constructor(auth: VaultSpec['auth'], connection: VaultConnection, tools: Pick<ProviderTools, 'clock' | 'secret'>) {
    this.#auth = auth;
    this.#connection = connection;
    this.#tools = tools;
    const given = [auth.tokenSecretRef, auth.appRole, auth.kubernetes].filter((method) => method !== undefined).length;
    if (given !== 1)
      throw new SecretFault(
        'StoreInvalid',
        `${connection.store}: spec.provider.vault.auth takes one of tokenSecretRef, appRole, kubernetes`,
      );
    if (auth.kubernetes && !auth.kubernetes.secretRef) {
      throw new SecretFault(
        'StoreInvalid',
        `${connection.store}: spec.provider.vault.auth.kubernetes needs secretRef, a Secret with the token to log in with: the hub has no ServiceAccounts`,
      );
    }
  }

  /** A token that is good now. @throws SecretFault */
  async token(signal: AbortSignal): Promise<string> {
    const now = this.#tools.clock.now();
    const held = this.#token;
    if (held && held.endsAt - now > held.leaseMs * RENEW_BELOW) return held.value;
    if (held?.endsAt === Number.POSITIVE_INFINITY) return held.value;
    this.#pending ??= this.#next(held, signal).finally(() => {
      this.#pending = undefined;
    });
    this.#token = await this.#pending;
    return this.#token.value;
  }

  /** Whether the provider takes the token now; policy `default` lets every token ask. @throws SecretFault */
  async verify(signal: AbortSignal): Promise<void> {
    try {
      await this.#ask(await this.token(signal), signal);
    } catch (error) {
      if (!(error instanceof SecretFault && error.reason === 'ProviderRefused' && this.forget())) throw error;
      await this.#ask(await this.token(signal), signal);
    }
  }

  /** Drops a token that was refused; false when another would be the same one. */
  forget(): boolean {
    const isOwn = this.#token !== undefined && this.#auth.tokenSecretRef === undefined;
    this.#token = undefined;
    return isOwn;
  }

  async #next(held: Token | undefined, signal: AbortSignal): Promise<Token> {
    if (held?.isRenewable && held.endsAt > this.#tools.clock.now()) {
      const renewed = await this.#call('auth/token/renew-self', {}, held.value, signal).catch(() => undefined);
      if (renewed) return renewed;
    }
    if (this.#auth.tokenSecretRef) return this.#lookUp(this.#auth.tokenSecretRef, signal);
    return this.#login(signal);
  }

  /** A token that may not even ask for its lease is used as it is: reading a key tells whether it is good. */
  async #lookUp(ref: NonNullable<VaultSpec['auth']['tokenSecretRef']>, signal: AbortSignal): Promise<Token> {
    const value = await this.#tools.secret(ref, 'spec.provider.vault.auth.tokenSecretRef');
    const { status, json } = await this.#ask(value, signal).catch((error: unknown) => {
      if (error instanceof SecretFault && error.reason === 'ProviderRefused') return { status: 403, json: undefined };
      throw error;
    });
    const data = isObject(json) && isObject(json.data) ? json.data : {};
    const ttl = status === 200 && typeof data.ttl === 'number' ? data.ttl : 0;
    return this.#tokenOf(value, ttl, data.renewable === true);
  }

  async #ask(token: string, signal: AbortSignal) {
    const { store, server, http } = this.#connection;
    const headers = { ...this.#headers(), 'x-vault-token': token };
    return askProvider(await http(), `${store}, its token`, { url: `${server}/v1/auth/token/lookup-self`, headers, signal });
  }

  async #login(signal: AbortSignal): Promise<Token> {
    const { appRole, kubernetes } = this.#auth;
    const { secret } = this.#tools;
    const field = 'spec.provider.vault.auth';
    if (appRole) {
      const roleId = appRole.roleRef ? await secret(appRole.roleRef, `${field}.appRole.roleRef`) : appRole.roleId;
      const secretId = await secret(appRole.secretRef, `${field}.appRole.secretRef`);
      return this.#loggedIn(`auth/${mount(appRole.path)}/login`, { role_id: roleId ?? '', secret_id: secretId }, signal);
    }
    const jwt = await secret(kubernetes!.secretRef!, `${field}.kubernetes.secretRef`);
    return this.#loggedIn(`auth/${mount(kubernetes!.mountPath)}/login`, { role: kubernetes!.role, jwt }, signal);
  }

  async #loggedIn(path: string, body: Record<string, string>, signal: AbortSignal): Promise<Token> {
    const token = await this.#call(path, body, undefined, signal);
    if (token) return token;
    throw new SecretFault('ProviderRefused', `${this.#connection.store}: the login at ${path} is refused`);
  }

  /** POST that answers a token; undefined when the answer holds none. */
  async #call(path: string, body: Record<string, string>, token: string | undefined, signal: AbortSignal): Promise<Token | undefined> {
    const { store, server, http } = this.#connection;
    const { status, json } = await askProvider(await http(), `${store}, ${path}`, {
      url: `${server}/v1/${path}`,
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/json', ...(token ? { 'x-vault-token': token } : {}) },
      body: JSON.stringify(body),
      signal,
    });
    const auth = status === 200 && isObject(json) && isObject(json.auth) ? json.auth : undefined;
    if (!auth || typeof auth.client_token !== 'string') return undefined;
    return this.#tokenOf(auth.client_token, typeof auth.lease_duration === 'number' ? auth.lease_duration : 0, auth.renewable === true);
  }

  /** @param leaseSeconds 0 for a token without an end */
  #tokenOf(value: string, leaseSeconds: number, isRenewable: boolean): Token {
    const leaseMs = leaseSeconds * 1000;
    return { value, isRenewable, leaseMs, endsAt: leaseSeconds > 0 ? this.#tools.clock.now() + leaseMs : Number.POSITIVE_INFINITY };
  }

  #headers(): Record<string, string> {
    const { namespace } = this.#auth;
    return { ...this.#connection.headers, ...(namespace ? { 'x-vault-namespace': namespace } : {}) };
  }
}

const mount = (path: string): string => path.split('/').filter(Boolean).map(encodeURIComponent).join('/');

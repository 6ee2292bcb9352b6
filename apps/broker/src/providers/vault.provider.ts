import type { HttpClient } from '@flotilla/http';
import { isObject } from '@flotilla/kernel';
import type { z } from 'zod';
import { SecretFault } from '../secret-fault.errors.js';
import { askProvider, type ProviderAnswer } from './ask-provider.js';
import type { ProviderTools, RemoteKey, SecretDocument, SecretProvider, SecretReader } from './secret.provider.js';
import { trustedCa } from './trusted-ca.js';
import { type VaultSpec, vaultSchema } from './vault.schema.js';
import { type VaultConnection, VaultSession } from './vault-session.js';

const KNOWN_AUTH = ['namespace', 'tokenSecretRef', 'appRole', 'kubernetes'];
const RESERVED_HEADER = /^(x-vault-(token|namespace)|authorization|host|content-length)$/i;

/** HashiCorp Vault and OpenBao: KV v1 and v2 over the HTTP API, with a token, AppRole, or a Kubernetes token in a Secret. */
export const vaultProvider: SecretProvider<VaultSpec> = {
  name: 'vault',
  schema: vaultSchema as z.ZodType<VaultSpec>,
  open: (spec, tools) => new VaultReader(spec, tools),
};

class VaultReader implements SecretReader {
  readonly #spec: VaultSpec;
  readonly #connection: VaultConnection;
  readonly #session: VaultSession;

  constructor(spec: VaultSpec, tools: ProviderTools) {
    this.#spec = spec;
    this.#connection = connectionOf(spec, tools);
    this.#session = new VaultSession(spec.auth, this.#connection, tools);
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.#session.verify(signal);
  }

  async read(key: RemoteKey, signal: AbortSignal): Promise<SecretDocument> {
    const what = `${this.#connection.store}, key ${key.key}`;
    const url = `${this.#connection.server}/v1/${pathOf(this.#spec, key, what)}`;
    let answer: ProviderAnswer;
    try {
      answer = await this.#ask(url, what, signal);
    } catch (error) {
      // Revoked before its time: one login more tells whether the policy or the token refuses.
      if (!(error instanceof SecretFault && error.reason === 'ProviderRefused' && this.#session.forget())) throw error;
      answer = await this.#ask(url, what, signal);
    }
    return { bytes: Buffer.from(JSON.stringify(this.#dataOf(answer, key, what))) };
  }

  async #ask(url: string, what: string, signal: AbortSignal): Promise<ProviderAnswer> {
    const token = await this.#session.token(signal);
    const headers = { ...this.#connection.headers, 'x-vault-token': token };
    return askProvider(await this.#connection.http(), what, { url, headers, signal, maxRedirects: 1 });
  }

  #dataOf({ status, json }: ProviderAnswer, { version }: RemoteKey, what: string): Record<string, unknown> {
    const outer = isObject(json) && isObject(json.data) ? json.data : undefined;
    if (status === 404) throw new SecretFault('KeyNotFound', `${what}: ${describeAbsence(outer, version)}`);
    if (status !== 200) throw new SecretFault('ProviderRefused', `${what}: the provider does not take the request (${status})`);
    const data = this.#spec.version === 'v2' ? outer?.data : outer;
    if (isObject(data)) return data;
    throw new SecretFault('ProviderAnswerInvalid', `${what}: the answer is not that of a KV ${this.#spec.version} engine within limits`);
  }
}

/** A deleted version is answered with 404 and its metadata. */
function describeAbsence(data: Record<string, unknown> | undefined, version: string | undefined): string {
  const metadata = isObject(data?.metadata) ? data.metadata : undefined;
  const which = version === undefined ? 'the newest version' : `version ${version}`;
  if (metadata?.destroyed === true) return `${which} was destroyed`;
  if (typeof metadata?.deletion_time === 'string' && metadata.deletion_time !== '')
    return `${which} was deleted; undelete it or write another`;
  return version === undefined ? 'the provider has no such key' : `the provider has no such key or no version ${version}`;
}

function connectionOf(spec: VaultSpec, tools: ProviderTools): VaultConnection {
  const { store, http } = tools;
  const url = URL.parse(spec.server);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search)
    throw new SecretFault('StoreInvalid', `${store}: spec.provider.vault.server is no http or https address`);
  const unknown = Object.keys(spec.auth).find((key) => !KNOWN_AUTH.includes(key));
  if (unknown)
    throw new SecretFault(
      'StoreInvalid',
      `${store}: spec.provider.vault.auth.${unknown} is not supported: tokenSecretRef, appRole, kubernetes are`,
    );
  const reserved = Object.keys(spec.headers ?? {}).find((name) => RESERVED_HEADER.test(name));
  if (reserved) throw new SecretFault('StoreInvalid', `${store}: spec.provider.vault.headers.${reserved} is set by the broker itself`);
  let client: HttpClient | undefined;
  return {
    store,
    server: url.href.replace(/\/+$/, ''),
    http: async () => {
      client ??= http(await trustedCa(spec, 'spec.provider.vault', tools));
      return client;
    },
    headers: { ...spec.headers, 'x-vault-request': 'true', ...(spec.namespace ? { 'x-vault-namespace': spec.namespace } : {}) },
  };
}

function pathOf({ path, version }: VaultSpec, { key, version: wanted }: RemoteKey, what: string): string {
  if (version === 'v1' && wanted !== undefined)
    throw new SecretFault('SourceInvalid', `${what}: KV v1 keeps no versions; leave remoteRef.version out`);
  if (wanted !== undefined && !/^[0-9]{1,9}$/.test(wanted))
    throw new SecretFault('SourceInvalid', `${what}: remoteRef.version must be a number`);
  const mount = segments(path ?? '', what);
  let rest = segments(key, what);
  if (mount.length > 0 && mount.every((part, i) => rest[i] === part) && rest.length > mount.length) rest = rest.slice(mount.length);
  if (mount.length === 0) mount.push(...rest.splice(0, 1));
  // People paste the path of the API as well as the key.
  if (version === 'v2' && rest[0] === 'data' && rest.length > 1) rest = rest.slice(1);
  if (rest.length === 0) throw new SecretFault('SourceInvalid', `${what}: the key names no secret below the mount`);
  const all = [...mount, ...(version === 'v2' ? ['data'] : []), ...rest].map(encodeURIComponent).join('/');
  return wanted === undefined ? all : `${all}?version=${wanted}`;
}

function segments(text: string, what: string): string[] {
  const parts = text.split('/').filter((part) => part !== '');
  if (parts.some((part) => part === '.' || part === '..') || text.length > 1000)
    throw new SecretFault('SourceInvalid', `${what.slice(0, 300)}: the key is no path of a secret`);
  return parts;
}

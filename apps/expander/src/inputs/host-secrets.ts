import { type ConfigMap, SECRET_TYPE_LABEL, type Secret } from '@flotilla/contracts';
import { ForbiddenError, NotFoundError } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { ResourceStore } from '@flotilla/resources';
import type { ConfigMapRef, ScmSecrets, SecretRef } from '@flotilla/scm';

/** Origins a Secret's values may be sent to, comma-separated: `https://git.example.com`. */
export const ORIGIN_ANNOTATION = 'flotilla.dev/origins';
/** Argo CD's label for tokens of Git hosts in its strict mode. */
const SCM_CREDS = 'scm-creds';
/** The public hosts, whose addresses no author of a set chooses. */
const PUBLIC_ORIGINS = ['https://api.github.com', 'https://gitlab.com', 'https://api.bitbucket.org', 'https://dev.azure.com'];

/**
 * Secrets and ConfigMaps of a set's namespace, for its generators. Whoever writes a set chooses the address its token is sent to,
 * so a value goes to the public Git hosts, or to origins that the Secret itself names; a Secret that has another use (a cluster, a
 * repository) goes nowhere.
 */
export class HostSecrets implements ScmSecrets {
  readonly #reader: Pick<ResourceStore, 'get'>;
  readonly #keyring: Keyring;
  readonly #namespace: string;

  constructor(reader: Pick<ResourceStore, 'get'>, keyring: Keyring, namespace: string) {
    this.#reader = reader;
    this.#keyring = keyring;
    this.#namespace = namespace;
  }

  /** @throws NotFoundError, ForbiddenError */
  async token({ secretName, key }: SecretRef, origin: string): Promise<string> {
    const secret = await this.#secret(secretName);
    const allowed = secret.metadata.annotations?.[ORIGIN_ANNOTATION]?.split(',').map((text) => text.trim()) ?? PUBLIC_ORIGINS;
    if (!allowed.includes(origin)) {
      throw new ForbiddenError(
        `Secret ${this.#namespace}/${secretName} is not meant for ${origin}; annotate it with ${ORIGIN_ANNOTATION}: ${origin} if it is`,
        { origin },
      );
    }
    return this.value(secretName, key, secret);
  }

  /** PEM text of a ConfigMap. @throws NotFoundError */
  async certificates({ configMapName, key }: ConfigMapRef): Promise<string> {
    const text = (await this.configMap(configMapName)).data?.[key];
    if (text === undefined) throw new NotFoundError(`ConfigMap ${this.#namespace}/${configMapName} has no key ${key}`, { key });
    return text;
  }

  /** @throws NotFoundError */
  configMap(name: string): Promise<ConfigMap> {
    return readConfigMap(this.#reader, this.#namespace, name);
  }

  /** The text under a key of a Secret, opened. @throws NotFoundError, ForbiddenError */
  async value(name: string, key: string, known?: Secret): Promise<string> {
    const secret = known ?? (await this.#secret(name));
    const sealed = secret.data?.[key];
    if (sealed === undefined) throw new NotFoundError(`Secret ${this.#namespace}/${name} has no key ${key}`, { key });
    return Buffer.from(this.#keyring.open(sealed, { kind: 'Secret', namespace: this.#namespace, name, key }))
      .toString()
      .trim();
  }

  async #secret(name: string): Promise<Secret> {
    const secret = await this.#reader.get<Secret & { [field: string]: unknown }>({ kind: 'Secret', namespace: this.#namespace, name });
    if (!secret) throw new NotFoundError(`Secret ${this.#namespace}/${name} does not exist`, { name });
    const type = secret.metadata.labels?.[SECRET_TYPE_LABEL];
    if (type !== undefined && type !== SCM_CREDS) {
      throw new ForbiddenError(`Secret ${this.#namespace}/${name} is a ${type} Secret and no token of a generator`, { name });
    }
    return secret;
  }
}

/** @throws NotFoundError */
export async function readConfigMap(reader: Pick<ResourceStore, 'get'>, namespace: string, name: string): Promise<ConfigMap> {
  const found = await reader.get<ConfigMap & { [field: string]: unknown }>({ kind: 'ConfigMap', namespace, name });
  if (!found) throw new NotFoundError(`ConfigMap ${namespace}/${name} does not exist`, { name });
  return found;
}

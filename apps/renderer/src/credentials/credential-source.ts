import { CONTROL_NAMESPACE, type ConfigMap, SECRET_TYPE_LABEL, type Secret } from '@flotilla/contracts';
import type { Keyring } from '@flotilla/keyring';
import type { ResourceStore } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import { type CredentialEntry, type PickedCredential, pickCredential, type RepositoryCredential } from './repository-credential.js';

/** Argo CD's ConfigMaps for host keys and for certificates per host. */
const KNOWN_HOSTS_MAP = 'argocd-ssh-known-hosts-cm';
const CERTIFICATES_MAP = 'argocd-tls-certs-cm';
/** How long opened Secrets are kept in memory: a changed credential works after this at the latest. */
const KEEP_MS = 10_000;
const PAGE = 500;

/** Finds credentials in the Secrets and ConfigMaps Argo CD keeps them in. */
export class CredentialSource {
  readonly #store: ResourceStore;
  readonly #keyring: Keyring;
  readonly #logger: Logger;
  readonly #now: () => number;
  #entries: { value: Promise<CredentialEntry[]>; until: number } | undefined;

  constructor(store: ResourceStore, keyring: Keyring, logger: Logger, now: () => number) {
    this.#store = store;
    this.#keyring = keyring;
    this.#logger = logger;
    this.#now = now;
  }

  /** @param hostname for certificates by host */
  async find(repoURL: string, hostname: string): Promise<RepositoryCredential> {
    const credential = await this.#pick(repoURL);
    const knownHosts = credential.knownHosts ?? (await this.#configMap(KNOWN_HOSTS_MAP))?.data?.ssh_known_hosts;
    const ca = credential.ca ?? (await this.#configMap(CERTIFICATES_MAP))?.data?.[hostname];
    return { ...credential, ...(knownHosts ? { knownHosts } : {}), ...(ca ? { ca } : {}) };
  }

  /** Projects whose applications may read the repository; undefined for all. */
  async projectsOf(repoURL: string): Promise<readonly string[] | undefined> {
    return (await this.#pick(repoURL)).projects;
  }

  async #pick(repoURL: string): Promise<PickedCredential> {
    return pickCredential(repoURL, await this.#all());
  }

  #all(): Promise<CredentialEntry[]> {
    const now = this.#now();
    if (!this.#entries || this.#entries.until <= now) {
      const value = this.#read();
      this.#entries = { value, until: now + KEEP_MS };
      value.catch(() => {
        this.#entries = undefined;
      });
    }
    return this.#entries.value;
  }

  async #read(): Promise<CredentialEntry[]> {
    const entries: CredentialEntry[] = [];
    const labels = [{ key: SECRET_TYPE_LABEL, operator: 'In' as const, values: ['repository', 'repo-creds'] }];
    let page = await this.#store.list<Secret>('Secret', { namespace: CONTROL_NAMESPACE, labels, limit: PAGE });
    for (;;) {
      for (const secret of page.items) {
        const entry = this.#readable(secret);
        if (entry) entries.push(entry);
      }
      if (page.continue === undefined) return entries;
      page = await this.#store.list<Secret>('Secret', { namespace: CONTROL_NAMESPACE, labels, limit: PAGE, continue: page.continue });
    }
  }

  /** One Secret that does not open must not take the others' repositories with it. */
  #readable(secret: Secret): CredentialEntry | undefined {
    try {
      return this.#readSecret(secret);
    } catch (error) {
      const { namespace, name } = secret.metadata;
      this.#logger.warn('a repository secret cannot be read', { namespace, name, error });
      return undefined;
    }
  }

  #readSecret(secret: Secret): CredentialEntry | undefined {
    const { namespace = CONTROL_NAMESPACE, name, labels } = secret.metadata;
    const value = (key: string): string | undefined => {
      const sealed = secret.data?.[key];
      if (sealed === undefined) return undefined;
      return (
        Buffer.from(this.#keyring.open(sealed, { kind: 'Secret', namespace, name, key }))
          .toString()
          .trim() || undefined
      );
    };
    const url = value('url');
    if (!url || (value('type') ?? 'git') !== 'git') return undefined;
    return {
      kind: labels?.[SECRET_TYPE_LABEL] === 'repo-creds' ? 'repo-creds' : 'repository',
      url,
      project: value('project'),
      username: value('username'),
      password: value('password'),
      bearerToken: value('bearerToken'),
      sshPrivateKey: value('sshPrivateKey'),
      knownHosts: value('sshKnownHosts'),
      ca: value('tlsCAData'),
      proxy: value('proxy'),
    };
  }

  #configMap(name: string): Promise<ConfigMap | undefined> {
    return this.#store.get<ConfigMap>({ kind: 'ConfigMap', namespace: CONTROL_NAMESPACE, name });
  }
}

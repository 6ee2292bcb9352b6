import { NOTIFICATIONS_CONFIG_MAP, NOTIFICATIONS_SECRET, type NotificationConfig, readNotifications } from '@flotilla/admission';
import { CONTROL_NAMESPACE, type ConfigMap, type ResourceDocument, type Secret } from '@flotilla/contracts';
import type { Keyring } from '@flotilla/keyring';
import type { ResourceStore } from '@flotilla/resources';
import { parseYamlDocument } from '@flotilla/yaml';

type Stored<T> = T & ResourceDocument;

/** The configuration in force, and the values its services and templates may use. */
export interface Settings {
  config: NotificationConfig;
  /** Values of the Secret as text, by key. Never stored, logged or answered. */
  secrets: ReadonlyMap<string, string>;
  /** Changes with every change of the ConfigMaps or the Secret. */
  version: string;
}

export interface SettingsSource {
  load(): Promise<Settings>;
}

export interface LiveSettingsOptions {
  store: Pick<ResourceStore, 'get'>;
  keyring: Keyring;
  types: readonly string[];
  namespace?: string;
  /** Told once per version that has findings. */
  onFindings?: (settings: Settings) => void;
}

/** Reads the notification ConfigMap and Secret: once for all that ask at the same time, and what did not change is not parsed again. */
export class LiveSettings implements SettingsSource {
  readonly #options: LiveSettingsOptions;
  #known: Settings | undefined;
  #loading: Promise<Settings> | undefined;

  constructor(options: LiveSettingsOptions) {
    this.#options = options;
  }

  load(): Promise<Settings> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<Settings> {
    const { store, types, namespace = CONTROL_NAMESPACE, onFindings } = this.#options;
    const [configMap, secret, argocd] = await Promise.all([
      store.get<Stored<ConfigMap>>({ kind: 'ConfigMap', namespace, name: NOTIFICATIONS_CONFIG_MAP }),
      store.get<Stored<Secret>>({ kind: 'Secret', namespace, name: NOTIFICATIONS_SECRET }),
      store.get<Stored<ConfigMap>>({ kind: 'ConfigMap', namespace, name: 'argocd-cm' }),
    ]);
    const version = [configMap, secret, argocd].map((document) => document?.metadata.resourceVersion ?? '-').join('.');
    if (this.#known?.version === version) return this.#known;
    const read = readNotifications(configMap?.data ?? {}, types);
    const url = argocd?.data?.url;
    const context = { ...(url ? { argocdUrl: urlOf(url) } : {}), ...read.context };
    this.#known = { config: { ...read, context }, secrets: this.#open(secret), version };
    if (read.findings.length > 0) onFindings?.(this.#known);
    return this.#known;
  }

  #open(secret: Stored<Secret> | undefined): Map<string, string> {
    const { keyring } = this.#options;
    const { namespace = '', name } = secret?.metadata ?? { name: '' };
    const open = (sealed: string, key: string) =>
      Buffer.from(keyring.open(sealed, { kind: 'Secret', namespace, name, key })).toString('utf8');
    return new Map(Object.entries(secret?.data ?? {}).map(([key, sealed]) => [key, open(sealed, key).trim()]));
  }
}

/** Argo CD's users write the address plain or quoted, with or without a slash at its end. */
function urlOf(text: string): string {
  const value = parseYamlDocument(text, { maxLength: 2_000 });
  return (typeof value === 'string' ? value : text).trim().replace(/\/+$/, '');
}

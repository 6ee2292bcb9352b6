import type { SecretStoreDocument } from '@flotilla/contracts';

/** A store in messages and in `status.store`: `SecretStore/vault`, `ClusterSecretStore/vault`. */
export function nameOfStore({ kind, metadata }: Pick<SecretStoreDocument, 'kind' | 'metadata'>): string {
  return `${kind}/${metadata.name}`;
}

import type { Bundle, BundleItem } from '@flotilla/contracts';
import { canonicalJson, type Digest, digestBytes } from '@flotilla/kernel';
import type { BundleBlob } from './make-bundle.js';

/** API groups of External Secrets Operator and Sealed Secrets. */
export const ESO_GROUP = 'external-secrets.io';
export const SEALED_SECRETS_GROUP = 'bitnami.com';

type Kind = Pick<BundleItem, 'group' | 'kind'>;

/** Whether an object of this kind asks for one Secret. */
export const asksForSecret = ({ group, kind }: Kind): boolean =>
  (group === ESO_GROUP && kind === 'ExternalSecret') || (group === SEALED_SECRETS_GROUP && kind === 'SealedSecret');

const isStore = ({ group, kind }: Kind): boolean => group === ESO_GROUP && (kind === 'SecretStore' || kind === 'ClusterSecretStore');

export interface BrokerForm {
  bundle: Bundle;
  digest: Digest;
  /** The bundle's own blob: every other one is that of the bundle it was made from. */
  blob: BundleBlob;
  /** Stores that were left out: `Kind/name`. */
  stores: string[];
}

/**
 * The bundle as a cluster gets it whose secrets come from the hub's broker: objects that ask for a Secret stand in `references`, and
 * stores are left out, since they are documents of the hub. Undefined where it holds neither. A hook stays what it is, because
 * hooks are not run and a reference is. Pure: one bundle has one such form, so that nothing is rendered twice.
 */
export function brokerForm({ items }: Bundle): BrokerForm | undefined {
  const isReference = (item: BundleItem): boolean => asksForSecret(item) && item.hook === undefined;
  const references = items.filter(isReference);
  const stores = items.filter(isStore);
  if (references.length + stores.length === 0) return undefined;
  const bundle: Bundle = {
    items: items.filter((item) => !isReference(item) && !isStore(item)),
    ...(references.length > 0 ? { references } : {}),
  };
  const text = canonicalJson(bundle);
  const digest = digestBytes(text);
  return { bundle, digest, blob: { digest, text, sealed: false }, stores: stores.map(({ kind, name }) => `${kind}/${name}`) };
}

/** Every object of a bundle, those that stand for grants included. */
export const objectsOf = ({ items, references = [] }: Bundle): BundleItem[] => [...items, ...references];

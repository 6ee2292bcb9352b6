import type { SealedSecret } from '@flotilla/contracts';
import { TemplateFiller } from '../external/fill-template.js';
import type { SecretParts } from '../grants/secret-object.js';
import { SecretFault } from '../secret-fault.errors.js';
import { scopeLabel } from './scope.js';
import { openValue, readCiphertext } from './sealed-data.js';
import type { SealingKey } from './sealing-keys.js';

const MAX_ITEMS = 500;

/** The Secret a SealedSecret stands for (sealed-secrets pkg/apis Unseal); every key is tried, the newest first. @throws SecretFault */
export function openSealedSecret(
  sealed: SealedSecret,
  place: { namespace: string; name: string },
  keys: readonly SealingKey[],
): SecretParts {
  const { template } = sealed.spec;
  const values = openItems(sealed, place, keys);
  const filled = new TemplateFiller(values).fillAll(template?.data ?? {}, 'spec.template.data');
  const made = Object.fromEntries(Object.entries(filled).map(([key, text]) => [key, Buffer.from(text)]));
  return {
    ...(template?.type ? { type: template.type } : {}),
    ...(template?.immutable === undefined ? {} : { immutable: template.immutable }),
    labels: template?.metadata?.labels ?? {},
    annotations: template?.metadata?.annotations ?? {},
    data: { ...values, ...made },
  };
}

/** The clear values of a SealedSecret. @throws SecretFault that names the item */
export function openItems(
  sealed: SealedSecret,
  place: { namespace: string; name: string },
  keys: readonly SealingKey[],
): Record<string, Buffer> {
  const items = Object.entries(sealed.spec.encryptedData ?? {});
  if (items.length > MAX_ITEMS)
    throw new SecretFault('CannotDecrypt', `encryptedData has ${items.length} items; at most ${MAX_ITEMS} are opened`);
  const label = scopeLabel(sealed, place);
  return Object.fromEntries(items.map(([key, text]) => [key, openItem(key, text, label, keys)]));
}

function openItem(key: string, text: string, label: string, keys: readonly SealingKey[]): Buffer {
  const ciphertext = readCiphertext(text);
  if (!ciphertext) throw new SecretFault('CannotDecrypt', `no key could decrypt: encryptedData.${key} is not valid base64`);
  for (const { privateKey } of keys) {
    const value = openValue(privateKey, ciphertext, label);
    if (value) return value;
  }
  const scope = label === '' ? 'cluster-wide' : label.includes('/') ? `strict scope ${label}` : `scope of namespace ${label}`;
  throw new SecretFault(
    'CannotDecrypt',
    `no key could decrypt encryptedData.${key} in its ${scope}: it was sealed to another hub's certificate or for another place, or changed`,
  );
}

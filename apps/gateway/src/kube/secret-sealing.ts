import type { Secret } from '@flotilla/contracts';
import { InvalidInputError } from '@flotilla/kernel';
import type { Keyring, SealingContext } from '@flotilla/keyring';

/** What readers get for every value of a Secret; writing it back keeps the stored value. */
export const MASK = Buffer.from('++++++++').toString('base64');
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Sealed text has dots, base64 never does. */
const isSealed = (value: string): boolean => value.includes('.');

type Values = Pick<Secret, 'data'>;
type Writable = Pick<Secret, 'metadata' | 'data' | 'stringData'>;

/** `stringData` moved into `data`, and no last-applied annotation, which would hold every value in clear. */
export function foldSecret<T extends Writable>(secret: T): T {
  const { stringData, data, ...rest } = secret;
  const hasLastApplied = secret.metadata.annotations?.[LAST_APPLIED] !== undefined;
  if (stringData === undefined && !hasLastApplied) return secret;
  const encoded = Object.entries(stringData ?? {}).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
  const { annotations, ...metadata } = secret.metadata;
  const { [LAST_APPLIED]: _, ...kept } = annotations ?? {};
  return {
    ...rest,
    metadata: Object.keys(kept).length > 0 ? { ...metadata, annotations: kept } : metadata,
    ...(data || stringData ? { data: { ...data, ...Object.fromEntries(encoded) } } : {}),
  } as T;
}

/**
 * A Secret as it may be stored: folded, every value sealed. A value that is the stored one, or its mask, keeps the
 * stored sealed text, so that nothing changes when nothing changed.
 * @throws InvalidInputError for a mask without a stored value, and for sealed text of elsewhere
 */
export function sealSecretData<T extends Writable>(secret: T, stored: Values | undefined, keyring: Keyring): T {
  return mapValues(foldSecret(secret), (value, key) => {
    const sealed = stored?.data?.[key];
    const context = contextOf(secret.metadata, key);
    if (sealed !== undefined && (value === MASK || value === sealed)) return sealed;
    if (value === MASK) throw new InvalidInputError(`Secret ${secret.metadata.name}: ${describeMask(key)}`);
    if (isSealed(value)) throw new InvalidInputError(`Secret ${secret.metadata.name}: data.${key} is not base64`);
    const bytes = Buffer.from(value, 'base64');
    return sealed !== undefined && Buffer.from(keyring.open(sealed, context)).equals(bytes) ? sealed : keyring.seal(bytes, context);
  });
}

/** A Secret whose masks are replaced by the stored values in clear, for checks only. */
export function revealSecret<T extends Writable>(secret: T, stored: Values | undefined, keyring: Keyring): T {
  return mapValues(foldSecret(secret), (value, key) => {
    const sealed = value === MASK ? stored?.data?.[key] : undefined;
    return sealed === undefined ? value : Buffer.from(keyring.open(sealed, contextOf(secret.metadata, key))).toString('base64');
  });
}

/** A Secret in clear whose values that are the stored ones became masks again. */
export function maskUnchanged<T extends Writable>(secret: T, stored: Values | undefined, keyring: Keyring): T {
  return mapValues(foldSecret(secret), (value, key) => {
    const sealed = stored?.data?.[key];
    if (sealed === undefined) return value;
    const isStored = Buffer.from(keyring.open(sealed, contextOf(secret.metadata, key))).equals(Buffer.from(value, 'base64'));
    return isStored ? MASK : value;
  });
}

/** Keys whose value is a mask although nothing is stored behind it. */
export function emptyMasks(secret: Values, stored: Values | undefined): string[] {
  return Object.entries(secret.data ?? {})
    .filter(([key, value]) => value === MASK && stored?.data?.[key] === undefined)
    .map(([key]) => key);
}

export function describeMask(key: string): string {
  return `data.${key} is the mask that readers see, and no value is stored under it; give the value itself`;
}

/** A stored Secret as readers see it: keys, no values. The same object when it is masked already. */
export function maskSecret<T extends Values>(secret: T): T {
  return mapValues(secret, () => MASK);
}

/** What a stored value is bound to: moving it to another Secret or key makes it unreadable. */
export function contextOf(metadata: { namespace?: string; name: string }, key: string): SealingContext {
  return { kind: 'Secret', namespace: metadata.namespace ?? '', name: metadata.name, key };
}

function mapValues<T extends Values>(secret: T, change: (value: string, key: string) => string): T {
  const entries = Object.entries(secret.data ?? {});
  const changed = entries.map(([key, value]): [string, string] => [key, change(value, key)]);
  return changed.every(([, value], i) => value === entries[i]![1]) ? secret : { ...secret, data: Object.fromEntries(changed) };
}

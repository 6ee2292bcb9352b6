import type { Secret } from '@flotilla/contracts';
import type { Keyring, SealingContext } from '@flotilla/keyring';

/** What readers get for every value of a Secret; writing it back keeps the stored value. */
export const MASK = Buffer.from('++++++++').toString('base64');
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Sealed text has dots, base64 never does. */
const isSealed = (value: string): boolean => value.includes('.');

/**
 * A Secret as it may be stored: `stringData` moved into `data`, every value sealed, no last-applied annotation.
 * A value that is the live one, or its mask, keeps the live sealed text, so that nothing changes when nothing changed.
 */
export function sealSecretData<T extends Pick<Secret, 'metadata' | 'data' | 'stringData'>>(
  secret: T,
  live: Pick<Secret, 'data'> | undefined,
  keyring: Keyring,
): T {
  const { stringData, data, ...rest } = secret;
  const clear = {
    ...data,
    ...Object.fromEntries(Object.entries(stringData ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  };
  const sealed = Object.fromEntries(
    Object.entries(clear).map(([key, value]) => [key, sealValue(value, live?.data?.[key], contextOf(secret.metadata, key), keyring)]),
  );
  const { [LAST_APPLIED]: _, ...annotations } = secret.metadata.annotations ?? {};
  const metadata = secret.metadata.annotations ? { ...secret.metadata, annotations } : secret.metadata;
  return { ...rest, metadata, ...(data || stringData ? { data: sealed } : {}) } as T;
}

function sealValue(value: string, live: string | undefined, context: SealingContext, keyring: Keyring): string {
  if (live !== undefined && (value === MASK || value === live)) return live;
  const bytes = isSealed(value) ? keyring.open(value, context) : Buffer.from(value, 'base64');
  if (live !== undefined && Buffer.from(keyring.open(live, context)).equals(bytes)) return live;
  return isSealed(value) ? value : keyring.seal(bytes, context);
}

/** What a stored value is bound to: moving it to another Secret or key makes it unreadable. */
export function contextOf(metadata: { namespace?: string; name: string }, key: string): SealingContext {
  return { kind: 'Secret', namespace: metadata.namespace ?? '', name: metadata.name, key };
}

/** A stored Secret as readers see it: keys, no values. */
export function maskSecret<T extends Pick<Secret, 'data'>>(secret: T): T {
  return secret.data ? { ...secret, data: Object.fromEntries(Object.keys(secret.data).map((key) => [key, MASK])) } : secret;
}

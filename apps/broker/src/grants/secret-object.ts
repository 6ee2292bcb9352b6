import { canonicalJson } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import { SecretFault } from '../secret-fault.errors.js';

/** Canonical JSON of a larger Secret would not fit one reply to a spoke once it is sealed and in base64. */
export const MAX_SECRET_BYTES = 360 * 1024;
const SECRET_KEY = /^[-._a-zA-Z0-9]{1,253}$/;
/** Keys that mean something to an agent or to who applied the asking object: they are not the Secret's. */
const NOT_COPIED =
  /^(flotilla\.dev|argocd\.argoproj\.io|sealedsecrets\.bitnami\.com)\/|^kubectl\.kubernetes\.io\/last-applied-configuration$/;

/** A Secret before it is an object. */
export interface SecretParts {
  type?: string;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  immutable?: boolean;
  data: Readonly<Record<string, Uint8Array>>;
}

/** The Secret a spoke writes, as it is stored (sealed) and sent (sealed): canonical JSON, and the keyed digest of it. */
export interface SecretObject {
  text: string;
  version: string;
}

/** @throws SecretFault for keys no Secret may have, and for too much */
export function secretObject(parts: SecretParts, target: { namespace: string; name: string }, keyring: Keyring): SecretObject {
  const { type = 'Opaque', labels, annotations, immutable, data } = parts;
  const bad = Object.keys(data).find((key) => !SECRET_KEY.test(key));
  if (bad !== undefined) throw new SecretFault('ValueInvalid', `${JSON.stringify(bad.slice(0, 80))} is no key of a Secret`);
  const text = canonicalJson({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...target, ...kept('labels', labels), ...kept('annotations', annotations) },
    type,
    data: Object.fromEntries(Object.entries(data).map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')])),
    ...(immutable ? { immutable } : {}),
  });
  const size = Buffer.byteLength(text);
  if (size > MAX_SECRET_BYTES)
    throw new SecretFault('SecretTooLarge', `the Secret has ${size} bytes as JSON; at most ${MAX_SECRET_BYTES} are delivered`);
  return { text, version: keyring.hmac('secret-version', text) };
}

function kept(field: string, entries: Readonly<Record<string, string>> = {}): Record<string, Record<string, string>> {
  const own = Object.fromEntries(Object.entries(entries).filter(([key]) => !NOT_COPIED.test(key)));
  return Object.keys(own).length > 0 ? { [field]: own } : {};
}

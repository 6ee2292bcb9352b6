import { parseObjectBlob } from '@flotilla/bundle';
import { type Grant, secretContext, secretStatement } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { type OpenEnvelope, verifySignature } from '@flotilla/keyring';
import type { KubeObject } from '@flotilla/kube';
import { UntrustedContentError } from '../desired/desired.errors.js';
import type { Trust } from '../desired/verify-document.js';

/** The value of a grant as it rests: sealed to this spoke, with the hub's signature. Nothing of it is clear. */
export interface HeldSecret {
  grant: string;
  version: string;
  target: Grant['target'];
  /** JSON text of the envelope. */
  envelope: string;
  signature: string;
}

/** What opens envelopes of this spoke. */
export interface SecretKeys extends Trust {
  sealingPrivateKey: string;
  open: OpenEnvelope;
}

/**
 * The Secret in an envelope, for as long as its caller holds it: signed by the pinned key as this version of this grant, sealed to
 * this spoke for this target, and that Secret. @throws UntrustedContentError naming the check that failed, never a value
 */
export async function proveSecret(held: HeldSecret, keys: SecretKeys): Promise<KubeObject> {
  const { grant, version, target, envelope, signature } = held;
  const refuse = (cause: string): never => {
    throw new UntrustedContentError(`the envelope of grant ${grant} ${cause}`, { grant, version });
  };
  if (!verifySignature(keys.signingKey, secretStatement(keys.spokeId, grant, version, envelope), signature)) {
    refuse('is not signed by the pinned key of the hub as this version of it for this spoke');
  }
  const context = secretContext(keys.fleet, keys.spokeId, { id: grant, target, version });
  const clear = await openText(envelope, keys, context).catch(() =>
    refuse('does not open: it was sealed to another key, grant, target or version'),
  );
  const object = parseObject(clear ?? '', version) ?? refuse('holds no Kubernetes object');
  const { apiVersion, kind, metadata } = object;
  if (apiVersion !== 'v1' || kind !== 'Secret') refuse('holds no Secret');
  if (metadata.name !== target.name || (metadata.namespace ?? target.namespace) !== target.namespace)
    refuse('holds another Secret than its target');
  return object;
}

async function openText(envelope: string, keys: SecretKeys, context: Readonly<Record<string, string>>): Promise<string> {
  const { enc, ciphertext } = JSON.parse(envelope) as { enc: string; ciphertext: string };
  return Buffer.from(await keys.open(keys.sealingPrivateKey, { enc, ciphertext }, context)).toString('utf8');
}

/** What a parser says of clear text may quote it, so its words are dropped. */
function parseObject(text: string, version: string): KubeObject | undefined {
  try {
    const object = parseObjectBlob(text, version);
    return isObject(object.metadata) ? object : undefined;
  } catch {
    return undefined;
  }
}

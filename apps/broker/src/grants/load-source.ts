import { admit, describeErrors } from '@flotilla/admission';
import type { BlobStore } from '@flotilla/blobs';
import type { ExternalSecret, SealedSecret, SecretGrant } from '@flotilla/contracts';
import { type Digest, isDigest } from '@flotilla/kernel';
import { SecretFault } from '../secret-fault.errors.js';

/** The rendered object that asks, as admission read it. */
export interface GrantSource {
  document: ExternalSecret | SealedSecret;
  warnings: readonly string[];
}

/** @throws SecretFault when the object is not there or is not what its kind may be */
export async function loadSource({ from }: SecretGrant['spec'], blobs: BlobStore): Promise<GrantSource> {
  const named = `${from.kind} ${from.namespace}/${from.name}`;
  const [blob] = isDigest(from.digest) ? await blobs.get([from.digest as Digest]) : [];
  if (!blob) throw new SecretFault('SourceMissing', `${named}: the rendered object is not in the store`);
  const { document, warnings, errors } = admit(parse(blob.bytes, named), { byService: true, namespace: from.namespace });
  if (!document) throw new SecretFault('SourceInvalid', `${named}: ${describeErrors(errors)}`);
  if (document.kind !== from.kind || document.metadata.name !== from.name)
    throw new SecretFault('SourceInvalid', `${named}: the rendered object is ${document.kind} ${document.metadata.name}`);
  return { document: document as unknown as ExternalSecret | SealedSecret, warnings };
}

function parse(bytes: Uint8Array, named: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new SecretFault('SourceInvalid', `${named}: the rendered object is no JSON`);
  }
}

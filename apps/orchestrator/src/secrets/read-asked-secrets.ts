import type { BlobStore } from '@flotilla/blobs';
import { parseObjectBlob } from '@flotilla/bundle';
import type { Bundle } from '@flotilla/contracts';
import { type Digest, InvalidInputError, UnavailableError } from '@flotilla/kernel';
import { type AskedSecret, askedSecretOf } from './asked-secret.js';

/** Blobs read at once. */
const BATCH = 100;

export interface AskedSecrets {
  asked: AskedSecret[];
  /** Why one of them asks for nothing that exists. */
  problem?: string;
}

/**
 * What the references of a bundle ask for.
 * @throws UnavailableError when a blob is not there: never "asks for nothing"
 */
export async function readAskedSecrets({ references = [] }: Bundle, blobs: BlobStore): Promise<AskedSecrets> {
  const found: AskedSecrets = { asked: [] };
  for (let i = 0; i < references.length; i += BATCH) {
    const part = references.slice(i, i + BATCH);
    const bytes = new Map((await blobs.get(part.map(({ digest }) => digest as Digest))).map((blob) => [blob.digest as string, blob.bytes]));
    for (const item of part) {
      const blob = bytes.get(item.digest);
      if (!blob) throw new UnavailableError(`blob ${item.digest} of ${item.kind} ${item.name} is not in the blob store`);
      try {
        const asked = askedSecretOf(item, parseObjectBlob(new TextDecoder().decode(blob), item.digest));
        if (asked) found.asked.push(asked);
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        found.problem ??= error.message;
      }
    }
  }
  return found;
}

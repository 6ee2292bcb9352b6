import type { BlobStore } from '@flotilla/blobs';
import type { ExplainReply } from '@flotilla/contracts';
import { canonicalJson, digestBytes } from '@flotilla/kernel';

/** Keeps an answer as a blob, as messages stay small. */
export async function putAnswer(blobs: BlobStore, answer: object): Promise<ExplainReply> {
  const bytes = Buffer.from(canonicalJson(answer));
  const digest = digestBytes(bytes);
  await blobs.put([{ digest, bytes, sealed: false }]);
  return { digest };
}

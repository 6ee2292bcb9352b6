import { parseObjectBlob } from '@flotilla/bundle';
import { sealedBlobContext } from '@flotilla/contracts';
import { isObject, NotFoundError } from '@flotilla/kernel';
import type { OpenEnvelope } from '@flotilla/keyring';
import type { KubeObject } from '@flotilla/kube';
import { type AgentState, type Identity, textOf } from '../state/agent-state.js';
import { UntrustedContentError } from './desired.errors.js';

/** Reads one object of a bundle from disk. A sealed one is opened here, for as long as its caller holds it. */
export async function readObject(
  state: AgentState,
  identity: Pick<Identity, 'spokeId' | 'sealingPrivateKey'>,
  open: OpenEnvelope,
  digest: string,
): Promise<KubeObject> {
  const blob = await state.readBlob(digest);
  if (!blob) throw new NotFoundError(`blob ${digest} is not on disk`, { digest });
  if (!blob.sealed) return parseObjectBlob(await textOf(blob), digest);
  const envelope = JSON.parse(Buffer.from(blob.bytes).toString('utf8')) as unknown;
  if (!isObject(envelope) || typeof envelope.enc !== 'string' || typeof envelope.ciphertext !== 'string') {
    throw new UntrustedContentError(`sealed blob ${digest} is no envelope`, { digest });
  }
  const { enc, ciphertext } = envelope;
  const clear = await open(identity.sealingPrivateKey, { enc, ciphertext }, sealedBlobContext(identity.spokeId, digest));
  return parseObjectBlob(Buffer.from(clear).toString('utf8'), digest);
}

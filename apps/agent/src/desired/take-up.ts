import type { DesiredBody } from '@flotilla/contracts';
import type { HubLink } from '../link/hub.link.js';
import type { AgentState, HeldDocument } from '../state/agent-state.js';
import type { BundleCache } from './bundle-cache.js';
import { pullBlobs } from './pull-blobs.js';
import { type Trust, verifyBody, verifyHeader } from './verify-document.js';

export interface TakeUpInput {
  link: HubLink;
  state: AgentState;
  bundles: BundleCache;
  trust: Trust;
  session: number;
  /** The document in force, whose blobs must stay. */
  held: HeldDocument | undefined;
}

/**
 * Makes a document the one in force: proven, every blob of every bundle on disk and proven, then the document itself. Until
 * that last write the former one counts, so that a cut at any moment leaves a whole state.
 */
export async function takeUpDocument(input: TakeUpInput, document: HeldDocument): Promise<DesiredBody> {
  const { state, trust, held } = input;
  const header = verifyHeader(document.signed, trust, held?.signed.header);
  const body = verifyBody(header, document.body);
  await ensureBlobs(input, body);
  await state.saveDocument(document);
  return body;
}

/** Fetches whatever of a body's bundles is not on disk; also what a damaged disk lost of the document in force. */
export async function ensureBlobs(input: Omit<TakeUpInput, 'held'>, body: DesiredBody): Promise<void> {
  const { state, bundles } = input;
  const onDisk = await state.blobDigests();
  for (const { uid, bundle } of body.apps) {
    if (!onDisk.has(bundle)) await fetch(input, uid, bundle, [bundle], onDisk);
    const { items } = await bundles.load(bundle);
    const missing = [...new Set(items.map(({ digest }) => digest))].filter((digest) => !onDisk.has(digest));
    if (missing.length > 0) await fetch(input, uid, bundle, missing, onDisk);
  }
}

async function fetch(
  input: Omit<TakeUpInput, 'held'>,
  app: string,
  bundle: string,
  digests: readonly string[],
  onDisk: Set<string>,
): Promise<void> {
  await pullBlobs(input.link, input.state, input.trust, { session: input.session, app, bundle, digests });
  for (const digest of digests) onDisk.add(digest);
}

/** Drops blobs that the document in force does not name. */
export async function sweepBlobs(state: AgentState, bundles: BundleCache, body: DesiredBody): Promise<void> {
  const live = new Set<string>();
  for (const { bundle } of body.apps) {
    live.add(bundle);
    for (const { digest } of (await bundles.load(bundle)).items) live.add(digest);
  }
  await state.retainBlobs(live);
}

import { admit, describeErrors } from '@flotilla/admission';
import type { BlobStore } from '@flotilla/blobs';
import type { GenerateReply, GenerateRequest, HeldApplicationReply, ResourceDocument } from '@flotilla/contracts';
import { documentOf, expandSet, type FileGlobs, type HeldApplication } from '@flotilla/generators';
import { type Clock, canonicalJson, digestBytes, InvalidInputError, NotFoundError } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import type { ResourceStore } from '@flotilla/resources';
import type { HostsOf } from '../inputs/host-inputs.js';
import { readInputs } from '../inputs/read-inputs.js';
import { intentOf } from './set-intent.js';
import type { StoredSet } from './stored-set.js';

const LISTED_HELD = 200;

/** What answers about a set are made from. */
export interface GeneratePorts {
  store: ResourceStore;
  bus: MessageBus;
  blobs: BlobStore;
  hosts: HostsOf;
  clock: Clock;
  fileGlobs?: FileGlobs;
}

/**
 * What a set would generate now, without writing any of it; the documents come back as a blob, because messages stay small.
 * @throws NotFoundError, InvalidInputError for a set that is refused, and every error of an expansion
 */
export async function generateSet(ports: GeneratePorts, request: GenerateRequest): Promise<GenerateReply> {
  const { set, warnings } = await readSet(ports.store, request);
  const inputs = await readInputs(set, ports);
  const expansion = await expandSet(set, inputs.ports);
  const applications: ResourceDocument[] = [];
  const held: HeldApplicationReply[] = expansion.held.map(replyOfHeld);
  for (const document of expansion.applications.map(documentOf)) {
    const { errors } = admit(document, { byService: true, clusters: inputs.clusters, project: (name) => inputs.projects.get(name) });
    const { name } = document.metadata;
    if (errors.length === 0) applications.push(document);
    else held.push({ name, reason: 'invalid', message: `${name}: ${describeErrors(errors)}`, field: errors[0]!.field });
  }
  const bytes = Buffer.from(canonicalJson(applications));
  const digest = digestBytes(bytes);
  await ports.blobs.put([{ digest, bytes, sealed: false }]);
  return {
    digest,
    count: applications.length,
    warnings: [...new Set([...warnings, ...expansion.warnings])],
    held: held.slice(0, LISTED_HELD),
    heldCount: held.length,
    ...('document' in request ? {} : { intent: await intentOf(ports.store, set, inputs, expansion, ports.clock.now()) }),
  };
}

function replyOfHeld({ name, reason, message, field, origins }: HeldApplication): HeldApplicationReply {
  const generator = origins[0]?.generator;
  return { name, reason, message, ...(field === undefined ? {} : { field }), ...(generator === undefined ? {} : { generator }) };
}

/** The stored set a request names, or the document it brings, admitted. @throws NotFoundError, InvalidInputError */
export async function readSet(store: ResourceStore, request: GenerateRequest): Promise<{ set: StoredSet; warnings: string[] }> {
  if ('document' in request) {
    const { document, warnings, errors } = admit(request.document);
    if (!document) throw new InvalidInputError(describeErrors(errors), { field: errors[0]?.field, errors });
    if (document.kind !== 'ApplicationSet') throw new InvalidInputError(`this takes an ApplicationSet, not a ${document.kind}`);
    return { set: document as StoredSet, warnings };
  }
  const set = await store.get<StoredSet>({ kind: 'ApplicationSet', ...request });
  if (!set) throw new NotFoundError(`ApplicationSet ${request.namespace}/${request.name} does not exist`);
  return { set, warnings: [] };
}

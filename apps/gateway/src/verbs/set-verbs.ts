import type { BlobStore } from '@flotilla/blobs';
import {
  type Application,
  confirmDeletesReplySchema,
  type GenerateReply,
  type GenerateRequest,
  generateReplySchema,
} from '@flotilla/contracts';
import { type Digest, InvalidInputError, isObject, UnavailableError } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import type { ResourceStore } from '@flotilla/resources';
import { parseYaml } from '@flotilla/yaml';
import type { RestHandler } from '../rest/rest-dispatcher.js';
import { getDocument, listDocuments } from './list-documents.js';
import { unwrap } from './unwrap.js';

/** Generators may have to wait for Git. */
const GENERATE_TIMEOUT_MS = 60_000;

/** What a set would generate; what would not be written is told among the warnings. */
interface Generated {
  applications: Application[];
  warnings: string[];
}

/** Verbs on application sets; the expander answers. */
export function setVerbs(store: ResourceStore, bus: MessageBus, blobs: BlobStore): Record<string, RestHandler> {
  const generate = async (request: GenerateRequest): Promise<Generated> => {
    const reply = unwrap(await bus.ask('expander', 'generate', request, { reply: generateReplySchema, timeoutMs: GENERATE_TIMEOUT_MS }));
    return readGenerated(reply, blobs);
  };
  return {
    listApplicationSets: listDocuments(store, 'ApplicationSet'),
    getApplicationSet: getDocument(store, 'ApplicationSet'),
    generateApplicationSet: ({ body }) => generate({ document: onlyDocument((body as { text: string }).text) }),
    generateStoredSet: ({ parameters }) => generate({ namespace: parameters.namespace!, name: parameters.name! }),
    confirmDeletes: async ({ parameters, body, user }) => {
      const { names } = body as { names: string[] };
      const request = { namespace: parameters.namespace, name: parameters.name, names, actor: user?.name ?? '' };
      return unwrap(await bus.ask('expander', 'confirm-deletes', request, { reply: confirmDeletesReplySchema }));
    },
  };
}

/** @throws UnavailableError when the blob that the reply names is not there */
async function readGenerated({ digest, warnings, held }: GenerateReply, blobs: BlobStore): Promise<Generated> {
  const [blob] = await blobs.get([digest as Digest]);
  if (!blob) throw new UnavailableError('what the set generates was computed but is not stored; ask again');
  const notes = held.map(({ name, reason, message }) => `${name} is not written (${reason}): ${message}`);
  return { applications: JSON.parse(Buffer.from(blob.bytes).toString('utf8')) as Application[], warnings: [...warnings, ...notes] };
}

/** @throws InvalidInputError unless the text holds exactly one document */
function onlyDocument(text: string): Record<string, unknown> {
  const [document, ...more] = parseYaml(text, { maxDocuments: 2 }).filter((value) => value !== null && value !== undefined);
  if (more.length > 0 || !isObject(document)) throw new InvalidInputError('give the manifest of one ApplicationSet');
  return document;
}

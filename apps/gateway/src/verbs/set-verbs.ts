import type { BlobStore } from '@flotilla/blobs';
import {
  type Application,
  confirmDeletesReplySchema,
  explainReplySchema,
  type GenerateReply,
  type GenerateRequest,
  generateReplySchema,
  type TraceRequest,
} from '@flotilla/contracts';
import { type Digest, InvalidInputError, isObject, UnavailableError } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import type { ResourceStore } from '@flotilla/resources';
import { parseYaml } from '@flotilla/yaml';
import type { RestCall, RestHandler } from '../rest/rest-dispatcher.js';
import { getDocument, listDocuments } from './list-documents.js';
import { unwrap } from './unwrap.js';

/** Generators may have to wait for Git. */
const GENERATE_TIMEOUT_MS = 60_000;

/** What a set would generate, and which of it would not be written: the first 200 of them, and how many there are. */
export interface Generated extends Pick<GenerateReply, 'warnings' | 'held'> {
  applications: Application[];
  heldCount: number;
}

/** Verbs on application sets; the expander answers. */
export function setVerbs(store: ResourceStore, bus: MessageBus, blobs: BlobStore): Record<string, RestHandler> {
  const generate = async (request: GenerateRequest): Promise<Generated> => {
    const reply = unwrap(await bus.ask('expander', 'generate', request, { reply: generateReplySchema, timeoutMs: GENERATE_TIMEOUT_MS }));
    return readGenerated(reply, blobs);
  };
  const byNames =
    (verb: 'confirm-deletes' | 'restore'): RestHandler =>
    async ({ parameters, body, user }) => {
      const { names } = body as { names: string[] };
      const request = { namespace: parameters.namespace, name: parameters.name, names, actor: user?.name ?? '' };
      return unwrap(await bus.ask('expander', verb, request, { reply: confirmDeletesReplySchema }));
    };
  const explain = async (verb: 'plan' | 'trace', request: GenerateRequest | TraceRequest): Promise<unknown> => {
    const { digest } = unwrap(await bus.ask('expander', verb, request, { reply: explainReplySchema, timeoutMs: GENERATE_TIMEOUT_MS }));
    return readAnswer(digest, blobs);
  };
  const named = ({ body }: RestCall): GenerateRequest => ({ document: onlyDocument((body as { text: string }).text) });
  const stored = ({ parameters }: RestCall): GenerateRequest => ({ namespace: parameters.namespace!, name: parameters.name! });
  return {
    listApplicationSets: listDocuments(store, 'ApplicationSet'),
    getApplicationSet: getDocument(store, 'ApplicationSet'),
    generateApplicationSet: (call) => generate(named(call)),
    generateStoredSet: (call) => generate(stored(call)),
    planApplicationSet: (call) => explain('plan', named(call)),
    planStoredSet: (call) => explain('plan', stored(call)),
    traceApplicationSet: (call) => explain('trace', { of: named(call), ...applicationsOf(call) }),
    traceStoredSet: (call) => explain('trace', { of: stored(call), ...applicationsOf(call) }),
    confirmDeletes: byNames('confirm-deletes'),
    restoreApplications: byNames('restore'),
    confirmDeleteProject: async ({ parameters, user }) => {
      const request = { namespace: parameters.namespace, name: parameters.name, actor: user?.name ?? '' };
      return unwrap(await bus.ask('expander', 'confirm-project-delete', request, { reply: confirmDeletesReplySchema }));
    },
  };
}

async function readGenerated({ digest, warnings, held, heldCount = held.length }: GenerateReply, blobs: BlobStore): Promise<Generated> {
  return { applications: (await readAnswer(digest, blobs)) as Application[], warnings, held, heldCount };
}

/** @throws UnavailableError when the blob that the reply names is not there */
async function readAnswer(digest: string, blobs: BlobStore): Promise<unknown> {
  const [blob] = await blobs.get([digest as Digest]);
  if (!blob) throw new UnavailableError('what the set generates was computed but is not stored; ask again');
  return JSON.parse(Buffer.from(blob.bytes).toString('utf8'));
}

function applicationsOf({ query }: RestCall): Pick<TraceRequest, 'applications'> {
  const { application } = query as { application?: string };
  const names = application?.split(',').filter((name) => name !== '') ?? [];
  return names.length > 0 ? { applications: names } : {};
}

/** @throws InvalidInputError unless the text holds exactly one document */
function onlyDocument(text: string): Record<string, unknown> {
  const [document, ...more] = parseYaml(text, { maxDocuments: 2 }).filter((value) => value !== null && value !== undefined);
  if (more.length > 0 || !isObject(document)) throw new InvalidInputError('give the manifest of one ApplicationSet');
  return document;
}

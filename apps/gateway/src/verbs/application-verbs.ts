import { randomUUID } from 'node:crypto';
import {
  type Answer,
  type Application,
  type Ask,
  answerSchema,
  type Cluster,
  confirmRemovalReplySchema,
  type SyncRequest,
  serverOf,
  syncVerbReplySchema,
} from '@flotilla/contracts';
import { isSpokeId, NotFoundError, type SpokeId, UnavailableError } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import type { ResourceStore } from '@flotilla/resources';
import type { RestCall, RestHandler } from '../rest/rest-dispatcher.js';
import { getDocument, listDocuments, requireDocument } from './list-documents.js';
import { RefusedError, unwrap } from './unwrap.js';

const ASK_TIMEOUT_MS = 10_000;

/** Verbs on applications; what only the spoke knows is asked of its agent. */
export function applicationVerbs(store: ResourceStore, bus: MessageBus): Record<string, RestHandler> {
  const asking =
    (verb: 'diff' | 'tree' | 'live'): RestHandler =>
    async (call) => {
      const application = await requireDocument<Application>(store, 'Application', call.parameters.namespace!, call.parameters.name!);
      const spoke = await spokeOf(store, application);
      return ask(
        bus,
        spoke,
        { token: randomUUID(), verb, app: application.metadata.uid, resource: (call.query as { resource?: string }).resource },
        call.signal,
      );
    };
  const byNames =
    (verb: 'confirm-deletion' | 'restore'): RestHandler =>
    async ({ parameters, body, user }) => {
      const { names } = body as { names: string[] };
      const request = { namespace: parameters.namespace, name: parameters.name, names, actor: user?.name ?? '' };
      return unwrap(await bus.ask('orchestrator', verb, request, { reply: confirmRemovalReplySchema }));
    };
  return {
    listApplications: listDocuments(store, 'Application'),
    getApplication: getDocument(store, 'Application'),
    syncApplication: (call) => sync(bus, call),
    confirmDeletion: byNames('confirm-deletion'),
    restoreDocuments: byNames('restore'),
    diffApplication: asking('diff'),
    treeApplication: asking('tree'),
    liveManifest: asking('live'),
    applicationHistory: async ({ parameters }) => {
      const { status } = await requireDocument<Application>(store, 'Application', parameters.namespace!, parameters.name!);
      return { items: status?.history ?? [] };
    },
  };
}

async function sync(bus: MessageBus, { parameters, body, user }: RestCall) {
  const request = { namespace: parameters.namespace, name: parameters.name, actor: user?.name ?? '', sync: body as SyncRequest };
  return unwrap(await bus.ask('orchestrator', 'sync', request, { reply: syncVerbReplySchema }));
}

/** @throws NotFoundError for a destination without exactly one cluster, UnavailableError for one without a live agent */
async function spokeOf(store: ResourceStore, { spec, metadata }: Application): Promise<SpokeId> {
  const { name, server } = spec.destination;
  const { items } = await store.list<Cluster>('Cluster');
  const matching = items.filter((cluster) =>
    name !== undefined
      ? (cluster.spec.name ?? cluster.metadata.name) === name || cluster.metadata.name === name
      : serverOf(cluster) === server,
  );
  const [cluster, other] = matching;
  if (!cluster || other)
    throw new NotFoundError(`application ${metadata.name}: ${matching.length} clusters match its destination ${name ?? server}`);
  if (!isSpokeId(cluster.spec.spokeId)) throw new UnavailableError(`cluster ${cluster.metadata.name} has no agent yet`);
  if (cluster.status?.phase !== 'Connected')
    throw new UnavailableError(
      `cluster ${cluster.metadata.name} is ${cluster.status?.phase ?? 'Unknown'} since ${cluster.status?.since ?? 'ever'}; its agent cannot be asked`,
    );
  return cluster.spec.spokeId;
}

async function ask(bus: MessageBus, spoke: SpokeId, question: Ask, signal: AbortSignal): Promise<unknown> {
  const answers = bus.answers(spoke, question.token, { timeoutMs: ASK_TIMEOUT_MS, signal });
  bus.tellSpoke(spoke, 'ask', question);
  const parts: unknown[] = [];
  for await (const part of answers) {
    const { error, content, last }: Answer = answerSchema.parse(part);
    if (error) throw new RefusedError({ code: error.code, message: error.message });
    parts.push(...(Array.isArray(content) ? content : [content]));
    if (last) return question.verb === 'live' ? parts[0] : { items: parts };
  }
  throw new UnavailableError('the agent did not answer in time');
}

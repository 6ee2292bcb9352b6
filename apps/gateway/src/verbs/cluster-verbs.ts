import {
  type ClusterAdd,
  clusterVerbReplySchema,
  createTokenReplySchema,
  ENROL_TIMEOUT_MS,
  enrolReplySchema,
  renewReplySchema,
} from '@flotilla/contracts';
import { parseDuration } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import type { ResourceStore } from '@flotilla/resources';
import type { RestCall, RestHandler } from '../rest/rest-dispatcher.js';
import { getDocument, listDocuments } from './list-documents.js';
import { unwrap } from './unwrap.js';

const DEFAULT_VALIDITY = '24h';
/** What an enrolment takes when its turn has come. */
const WORK_MS = 3_000;

/** Verbs on clusters and the doors agents knock at; the registry decides. */
export function clusterVerbs(store: ResourceStore, bus: MessageBus): Record<string, RestHandler> {
  const ask =
    (verb: 'accept' | 'revoke' | 'confirmDelete', text: (isCut: boolean | undefined) => string): RestHandler =>
    async ({ parameters, user }) => {
      const { isCut } = await bus.ask('registry', verb, { cluster: parameters.name, actor: user?.name }, { reply: clusterVerbReplySchema });
      return { message: `cluster ${parameters.name} ${text(isCut)}` };
    };
  return {
    listClusters: listDocuments(store, 'Cluster'),
    getCluster: getDocument(store, 'Cluster'),
    addCluster: (call) => addCluster(bus, call),
    acceptCluster: ask('accept', () => 'is accepted'),
    revokeCluster: ask('revoke', (isCut) =>
      isCut ? 'is revoked and cut off' : 'is revoked; NATS has not confirmed the cut yet, it is tried on',
    ),
    confirmDeleteCluster: ask('confirmDelete', () => 'may go, its deletion is confirmed; its applications stay as they are'),
    bindCluster: async ({ parameters, body, user }) => {
      const { spokeOf } = body as { spokeOf: string };
      await bus.ask('registry', 'bind', { from: spokeOf, to: parameters.name, actor: user?.name });
      return { message: `the agent of ${spokeOf} is now the agent of ${parameters.name}` };
    },
    enroll: async ({ body, remoteAddress }) =>
      unwrap(
        await bus.ask(
          'registry',
          'enrol',
          { ...(body as object), remoteAddress },
          { reply: enrolReplySchema, timeoutMs: ENROL_TIMEOUT_MS + WORK_MS },
        ),
      ),
    renew: async ({ body }) => unwrap(await bus.ask('registry', 'renew', body, { reply: renewReplySchema })),
  };
}

async function addCluster(bus: MessageBus, { body }: RestCall) {
  const { name, labels, project, uses, validFor = DEFAULT_VALIDITY, autoAccept } = body as ClusterAdd;
  const request = { cluster: name, labels, project, uses, ttlMs: parseDuration(validFor), autoAccept };
  const { name: token, token: join, expiresAt } = await bus.ask('registry', 'createToken', request, { reply: createTokenReplySchema });
  return { join, token, expiresAt, command: `flotilla agent --kubeconfig FILE --join ${join}` };
}

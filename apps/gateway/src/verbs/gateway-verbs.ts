import type { BlobStore } from '@flotilla/blobs';
import type { Clock } from '@flotilla/kernel';
import type { KubeApiServer } from '@flotilla/kubeapi';
import type { MessageBus } from '@flotilla/messaging';
import type { ResourceStore } from '@flotilla/resources';
import { UnauthenticatedError } from '../auth/auth.errors.js';
import type { Sessions } from '../auth/sessions.js';
import type { RestHandler } from '../rest/rest-dispatcher.js';
import { type RepositoryRequest, repositorySecret } from './add-repository.js';
import { applicationVerbs } from './application-verbs.js';
import { applyDocuments } from './apply-documents.js';
import { clusterVerbs } from './cluster-verbs.js';
import { notifyVerbs } from './notify-verbs.js';
import { rolloutVerbs } from './rollout-verbs.js';
import { secretVerbs } from './secret-verbs.js';
import { setVerbs } from './set-verbs.js';

export interface VerbParts {
  store: ResourceStore;
  bus: MessageBus;
  blobs: BlobStore;
  clock: Clock;
  api: KubeApiServer;
  sessions: Sessions;
  fleet: string;
  version: string;
}

/** A handler for every route of the REST table, by its id. */
export function gatewayVerbs({ store, bus, blobs, clock, api, sessions, fleet, version }: VerbParts): Record<string, RestHandler> {
  return {
    login: ({ body, remoteAddress }) => {
      const { username, password } = body as { username: string; password: string };
      return sessions.login(username, password, remoteAddress);
    },
    whoami: async ({ user }) => user,
    version: async () => ({ version, fleet }),
    apply: async ({ body, user, signal }) => {
      if (!user) throw new UnauthenticatedError('a bearer token is needed');
      const { text, file, dryRun } = body as { text: string; file?: string; dryRun?: boolean };
      return applyDocuments(api, text, { file, dryRun, user, signal });
    },
    addRepository: async ({ body, user, signal }) => {
      if (!user) throw new UnauthenticatedError('a bearer token is needed');
      const request = body as RepositoryRequest;
      const { items } = await applyDocuments(api, repositorySecret(request), { user, signal });
      return { message: `repository ${request.url} ${items[0]?.action}` };
    },
    ...clusterVerbs(store, bus),
    ...applicationVerbs(store, bus),
    ...setVerbs(store, bus, blobs),
    ...rolloutVerbs(store, bus),
    ...notifyVerbs(bus),
    ...secretVerbs(store, bus, clock),
  };
}

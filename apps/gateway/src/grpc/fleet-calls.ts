import type { ResourceDocument } from '@flotilla/contracts';
import { InvalidInputError } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import { parseSelectorText } from '@flotilla/selector';
import type { RestHandler } from '../rest/rest-dispatcher.js';
import { applicationMessage, clusterMessage, rolloutMessage } from './fleet.view.js';
import type { ServiceCalls, StreamCall, UnaryCall } from './service-calls.js';

const DEFAULT_PAGE = 500;
const MAX_PAGE = 1_000;
const EVENT_TYPES = { ADDED: 1, MODIFIED: 2, DELETED: 3 } as const;

interface ListRequest {
  namespace: string;
  selector: string;
  limit: number;
  continue: string;
}
interface WatchRequest {
  namespace: string;
  selector: string;
  resource_version: string;
}

type View = (document: ResourceDocument) => unknown;

/** What each rpc of service Fleet does. `verbs` are the REST handlers, so that both doors act alike. */
export function fleetCalls(store: ResourceStore, verbs: Readonly<Record<string, RestHandler>>): ServiceCalls {
  const act =
    (id: string, body: (request: Record<string, unknown>) => unknown): UnaryCall =>
    (request: Record<string, unknown>, user, signal) => {
      const { namespace, name } = request as { namespace: string; name: string };
      return verbs[id]!({
        parameters: { namespace, name },
        query: {},
        body: body(request),
        user,
        remoteAddress: '',
        traceparent: undefined,
        signal,
      });
    };
  return {
    unary: {
      ListApplications: list(store, 'Application', applicationMessage),
      ListClusters: list(store, 'Cluster', clusterMessage),
      ListRollouts: list(store, 'FleetRollout', rolloutMessage),
      SyncApplication: act('syncApplication', ({ prune }) => ({ prune })),
      ApproveRollout: act('approveRollout', ({ reason }) => ({ reason: reason || undefined })),
    },
    streams: {
      WatchApplications: watch(store, 'Application', applicationMessage),
      WatchClusters: watch(store, 'Cluster', clusterMessage),
      WatchRollouts: watch(store, 'FleetRollout', rolloutMessage),
    },
  };
}

function list(store: ResourceStore, kind: string, view: View): UnaryCall {
  return async (request: ListRequest) => {
    if (request.limit > MAX_PAGE) throw new InvalidInputError(`limit is ${request.limit}; at most ${MAX_PAGE}`);
    const page = await store.list(kind, {
      ...selection(request),
      limit: request.limit || DEFAULT_PAGE,
      continue: request.continue || undefined,
    });
    return { items: page.items.map(view), resource_version: page.resourceVersion, continue: page.continue ?? '' };
  };
}

function watch(store: ResourceStore, kind: string, view: View): StreamCall {
  return async function* (request: WatchRequest, _user, signal) {
    const selected = selection(request);
    let resourceVersion = request.resource_version;
    if (resourceVersion === '') {
      const page = await store.list(kind, selected);
      for (const document of page.items) yield { type: EVENT_TYPES.ADDED, item: view(document) };
      resourceVersion = page.resourceVersion;
    }
    for await (const event of store.watch(kind, { ...selected, resourceVersion, signal })) {
      yield { type: EVENT_TYPES[event.type], item: view(event.document) };
    }
  };
}

function selection({ namespace, selector }: { namespace: string; selector: string }) {
  return { namespace: namespace || undefined, labels: selector === '' ? undefined : parseSelectorText(selector) };
}

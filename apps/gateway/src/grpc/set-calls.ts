import { CONTROL_NAMESPACE } from '@flotilla/contracts';
import type { SetTrace } from '@flotilla/generators';
import { InvalidInputError } from '@flotilla/kernel';
import type { RequestUser } from '@flotilla/kubeapi';
import { diffPlan, type PlannedSet } from '@flotilla/setplan';
import type { RestHandler } from '../rest/rest-dispatcher.js';
import type { ServiceCalls, StreamCall } from './service-calls.js';
import { generateMessages, planMessages, traceMessages } from './set.view.js';

interface SetRequest {
  stored?: { namespace: string; name: string } | null;
  manifest?: string;
  /** Of a trace. */
  applications?: string[];
}

/** What each rpc of service ApplicationSets does. `verbs` are the REST handlers, so that both doors answer alike. */
export function setCalls(verbs: Readonly<Record<string, RestHandler>>): ServiceCalls {
  const answers = <T>(ids: { stored: string; manifest: string }, messages: (answer: T) => Iterable<object>): StreamCall =>
    async function* (request: SetRequest, user: RequestUser, signal) {
      const { stored, manifest, applications = [] } = request;
      const place = stored && { namespace: stored.namespace || CONTROL_NAMESPACE, name: stored.name };
      if (!place && !manifest) throw new InvalidInputError('the request names no set: give stored or manifest');
      const answer = await verbs[place ? ids.stored : ids.manifest]!({
        parameters: place ?? {},
        query: applications.length > 0 ? { application: applications.join(',') } : {},
        body: place ? undefined : { text: manifest },
        user,
        remoteAddress: '',
        traceparent: undefined,
        signal,
      });
      yield* messages(answer as T);
    };
  const plan = { stored: 'planStoredSet', manifest: 'planApplicationSet' };
  return {
    unary: {},
    streams: {
      Generate: answers({ stored: 'generateStoredSet', manifest: 'generateApplicationSet' }, generateMessages),
      Trace: answers<SetTrace>({ stored: 'traceStoredSet', manifest: 'traceApplicationSet' }, traceMessages),
      Plan: answers(plan, planMessages),
      Diff: answers(plan, diffMessages),
    },
  };
}

function* diffMessages({ report, documents }: PlannedSet) {
  for (const { name, message } of report.refused) yield { warning: `${name} is not written: ${message}` };
  if (report.hold.length > 0) yield { warning: `${report.hold.length} deletions are held: ${report.rule ?? 'by the guard'}` };
  for (const document of documents) {
    const diff = diffPlan([document]);
    if (diff !== '') yield { application: { name: document.name, diff } };
  }
}

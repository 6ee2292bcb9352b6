import { FakeBlobStore } from '@flotilla/blobs/testing';
import { digestBytes, ManualClock } from '@flotilla/kernel';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { expect, test } from 'vitest';
import { RestDispatcher } from '../rest/rest-dispatcher.js';
import { setVerbs } from './set-verbs.js';

const bus = new FakeMessageBus();
const blobs = new FakeBlobStore();
const rest = new RestDispatcher(setVerbs(new FakeResourceStore({ clock: new ManualClock() }), bus, blobs));
const call = (method: string, path: string, query: Record<string, unknown> = {}, body?: unknown) =>
  rest.dispatch(method, path, {
    query,
    body,
    user: undefined,
    remoteAddress: '',
    traceparent: undefined,
    signal: new AbortController().signal,
  });

async function serve(verb: string, answer: object): Promise<unknown[]> {
  const asked: unknown[] = [];
  const bytes = Buffer.from(JSON.stringify(answer));
  const digest = digestBytes(bytes);
  await blobs.put([{ digest, bytes, sealed: false }]);
  bus.serve('expander', verb, (request) => {
    asked.push(request);
    return { digest };
  });
  return asked;
}

test('a plan of a stored set, or of a manifest, is what the expander keeps as a blob', async () => {
  const plan = { report: { set: 'argocd/web' }, documents: [] };
  const asked = await serve('plan', plan);
  expect(await call('GET', '/v1/namespaces/argocd/applicationsets/web/generate/plan')).toEqual(plan);
  expect(await call('POST', '/v1/applicationsets/generate/plan', {}, { text: 'kind: ApplicationSet\n' })).toEqual(plan);
  expect(asked).toEqual([{ namespace: 'argocd', name: 'web' }, { document: { kind: 'ApplicationSet' } }]);
  bus.serve('expander', 'plan', () => ({ digest: digestBytes(Buffer.from('gone')) }));
  await expect(call('GET', '/v1/namespaces/argocd/applicationsets/web/generate/plan')).rejects.toThrow('ask again');
});

test('a trace takes names of applications', async () => {
  const trace = { set: 'web', applications: [] };
  const asked = await serve('trace', trace);
  expect(await call('GET', '/v1/namespaces/argocd/applicationsets/web/generate/trace', { application: 'a,b' })).toEqual(trace);
  await call('POST', '/v1/applicationsets/generate/trace', {}, { text: '{"kind": "ApplicationSet"}' });
  expect(asked).toEqual([
    { of: { namespace: 'argocd', name: 'web' }, applications: ['a', 'b'] },
    { of: { document: { kind: 'ApplicationSet' } } },
  ]);
});

import { FakeBlobStore } from '@flotilla/blobs/testing';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { expect, test } from 'vitest';
import { RestDispatcher } from '../rest/rest-dispatcher.js';
import { applicationVerbs } from './application-verbs.js';
import { clusterVerbs } from './cluster-verbs.js';
import { setVerbs } from './set-verbs.js';

const bus = new FakeMessageBus();
const store = new FakeResourceStore();
const asked: unknown[] = [];
const answer = (service: 'expander' | 'registry' | 'orchestrator', verb: string, reply: object) =>
  bus.serve(service, verb, (request) => {
    asked.push([verb, request]);
    return reply;
  });
for (const verb of ['confirm-deletes', 'restore', 'confirm-project-delete']) answer('expander', verb, { message: `${verb} done` });
answer('registry', 'confirmDelete', { cluster: 'prod', isCut: true });
answer('orchestrator', 'confirm-deletion', { message: 'confirm-deletion done' });
answer('orchestrator', 'restore', { message: 'restore done' });
const dispatcher = new RestDispatcher({
  ...applicationVerbs(store, bus),
  ...setVerbs(store, bus, new FakeBlobStore()),
  ...clusterVerbs(store, bus),
});

const post = (path: string, body?: unknown) =>
  dispatcher.dispatch('POST', path, {
    query: {},
    body,
    user: { name: 'ann', groups: [] },
    remoteAddress: '127.0.0.1',
    traceparent: undefined,
    signal: new AbortController().signal,
  });

test('who confirms or restores a deletion is told to the service that holds it', async () => {
  const set = { namespace: 'argocd', name: 'web', actor: 'ann' };
  const path = '/v1/namespaces/argocd/applicationsets/web';
  expect(await post(`${path}/confirm-deletes`, { names: ['a'] })).toEqual({ message: 'confirm-deletes done' });
  expect(await post(`${path}/restore`, { names: ['b'] })).toEqual({ message: 'restore done' });
  expect(await post('/v1/namespaces/argocd/projects/team/confirm-delete')).toEqual({ message: 'confirm-project-delete done' });
  expect(await post('/v1/namespaces/argocd/applications/root/confirm-deletion', { names: ['AppProject/a'] })).toEqual({
    message: 'confirm-deletion done',
  });
  expect(await post('/v1/namespaces/argocd/applications/root/restore', { names: ['AppProject/b'] })).toEqual({ message: 'restore done' });
  expect(await post('/v1/clusters/prod/confirm-delete')).toEqual({
    message: 'cluster prod may go, its deletion is confirmed; its applications stay as they are',
  });
  expect(asked).toEqual([
    ['confirm-deletes', { ...set, names: ['a'] }],
    ['restore', { ...set, names: ['b'] }],
    ['confirm-project-delete', { ...set, name: 'team' }],
    ['confirm-deletion', { ...set, name: 'root', names: ['AppProject/a'] }],
    ['restore', { ...set, name: 'root', names: ['AppProject/b'] }],
    ['confirmDelete', { cluster: 'prod', actor: 'ann' }],
  ]);
  await expect(post(`${path}/restore`, { names: [] })).rejects.toThrow('names');
});

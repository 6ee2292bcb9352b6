import { FakeMessageBus } from '@flotilla/messaging/testing';
import { expect, test } from 'vitest';
import { RestDispatcher } from '../rest/rest-dispatcher.js';
import { notifyVerbs } from './notify-verbs.js';

test('what people ask about messages goes to the notifier with their name, and a refusal comes back as an error', async () => {
  const bus = new FakeMessageBus();
  const asked: unknown[] = [];
  const answer = (verb: string, reply: object) =>
    bus.serve('notifier', verb, (request) => {
      asked.push([verb, request]);
      return reply;
    });
  answer('receipts', { items: [] });
  answer('replay', { message: 'sent again' });
  answer('check', { findings: [{ severity: 'error', key: 'service.slack', message: 'no token' }] });
  answer('preview', { error: { code: 'not-found', message: 'Application argocd/shop does not exist' } });
  const dispatcher = new RestDispatcher(notifyVerbs(bus));
  const call = (method: string, path: string, rest: { query?: Record<string, string>; body?: unknown } = {}) =>
    dispatcher.dispatch(method, path, {
      query: {},
      body: undefined,
      user: { name: 'ann', groups: [] },
      remoteAddress: '127.0.0.1',
      traceparent: undefined,
      signal: new AbortController().signal,
      ...rest,
    });
  expect(await call('GET', '/v1/notifications', { query: { state: 'dead', limit: '3' } })).toEqual({ items: [] });
  expect(await call('POST', '/v1/notifications/abcdef/replay')).toEqual({ message: 'sent again' });
  expect(await call('GET', '/v1/notifications/check')).toMatchObject({ findings: [{ key: 'service.slack' }] });
  const preview = call('POST', '/v1/notifications/preview', { body: { namespace: 'argocd', name: 'shop', trigger: 'on-x' } });
  await expect(preview).rejects.toMatchObject({ code: 'not-found' });
  expect(asked).toEqual([
    ['receipts', { state: 'dead', limit: 3 }],
    ['replay', { id: 'abcdef', actor: 'ann' }],
    ['check', {}],
    ['preview', { kind: 'Application', namespace: 'argocd', name: 'shop', trigger: 'on-x' }],
  ]);
});

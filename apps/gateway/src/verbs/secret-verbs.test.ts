import type { ResourceDocument, SecretGrant } from '@flotilla/contracts';
import { ManualClock } from '@flotilla/kernel';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { beforeEach, expect, test } from 'vitest';
import { RestDispatcher } from '../rest/rest-dispatcher.js';
import { secretVerbs } from './secret-verbs.js';

type Grant = SecretGrant & ResourceDocument;

let store: FakeResourceStore;
let bus: FakeMessageBus;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  store = new FakeResourceStore({ clock });
  bus = new FakeMessageBus();
  for (const [name, store] of [
    ['a', 'ClusterSecretStore/vault'],
    ['b', 'SecretStore/files'],
  ] as const)
    await create(name, store);
});

async function create(name: string, of: string): Promise<void> {
  const grant = {
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'SecretGrant',
    metadata: { namespace: 'argocd', name: `grant-${name}`, labels: { app: name } },
    spec: {
      project: 'default',
      from: { kind: 'ExternalSecret', namespace: 'shop', name: `external-${name}`, digest: 'd' },
      target: { namespace: 'shop', name: `secret-${name}` },
    },
  };
  await store.transaction({ actor: 'test' }, async (tx) => {
    const created = await tx.create<Grant>(grant as Grant);
    await tx.updateStatus({ ...created, status: { store: of } });
  });
}

const call = (method: string, path: string, rest: { query?: Record<string, string>; body?: Record<string, unknown> } = {}) =>
  new RestDispatcher(secretVerbs(store, bus, clock)).dispatch(method, path, {
    query: {},
    body: undefined,
    user: { name: 'ann', groups: [] },
    remoteAddress: '127.0.0.1',
    traceparent: undefined,
    signal: new AbortController().signal,
    ...rest,
  });
const rotated = async (body: Record<string, unknown>) =>
  ((await call('POST', '/v1/secrets/rotate', { body })) as { grants: string[] }).grants;
const rotateAt = async (name: string) =>
  (await store.get<Grant>({ kind: 'SecretGrant', namespace: 'argocd', name: `grant-${name}` }))?.spec.rotateAt;

test('a rotation takes a secret by its grant, by what asks for it or by its own name, by labels and by store', async () => {
  for (const name of ['grant-a', 'external-a', 'secret-a']) expect(await rotated({ name })).toEqual(['argocd/grant-a']);
  expect(await rotated({ selector: 'app=b' })).toEqual(['argocd/grant-b']);
  expect(await rotated({ store: 'vault' })).toEqual(['argocd/grant-a']);
  expect(await rotated({ store: 'SecretStore/files' })).toEqual(['argocd/grant-b']);
  clock.advance(1_000);
  await rotated({ store: 'vault' });
  expect(await rotateAt('a')).toBe(new Date(clock.now()).toISOString());
  expect(await rotateAt('b')).not.toBe(await rotateAt('a'));
  expect((await store.history({ kind: 'SecretGrant', namespace: 'argocd', name: 'grant-a' }, 1))[0]?.actor).toBe('ann');
});

test('a rotation of nothing in particular, or of nothing there is, is refused', async () => {
  await expect(rotated({})).rejects.toThrow('name a secret, a label selector or a store');
  await expect(rotated({ name: 'other' })).rejects.toThrow('no SecretGrant fits');
  expect(await rotateAt('a')).toBeUndefined();
});

test('secrets are listed, and receipts come from the orchestrator', async () => {
  expect(((await call('GET', '/v1/secrets')) as { items: Grant[] }).items.map(({ metadata }) => metadata.name)).toEqual([
    'grant-a',
    'grant-b',
  ]);
  const labelled = (await call('GET', '/v1/secrets', { query: { selector: 'app=b' } })) as { items: Grant[] };
  expect(labelled.items.map(({ metadata }) => metadata.name)).toEqual(['grant-b']);
  const asked: unknown[] = [];
  bus.serve('orchestrator', 'receipts', (request) => {
    asked.push(request);
    return { receipts: [] };
  });
  expect(await call('GET', '/v1/secrets/receipts', { query: { source: 'grant-a' } })).toEqual({ receipts: [] });
  expect(asked).toEqual([{ source: 'grant-a' }]);
});

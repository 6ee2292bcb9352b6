import type { Application, ResourceDocument } from '@flotilla/contracts';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hello, RegistryUnderTest } from '../testing/registry-under-test.js';

let registry: RegistryUnderTest;

beforeAll(async () => {
  registry = await RegistryUnderTest.start();
});
afterAll(() => registry?.stop());

const applicationKey = (name: string) => ({ kind: 'Application', namespace: 'argocd', name });
const key = (name: string) => ({ kind: 'Cluster', namespace: '', name });
const application = (name: string, destination: object): ResourceDocument => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd' },
  spec: { project: 'default', source: { repoURL: 'https://r', path: 'p' }, destination: { ...destination, namespace: 'n' } },
});
const write = (...documents: ResourceDocument[]) =>
  registry.platform.store.transaction({ actor: 'test' }, async (tx) => {
    for (const document of documents) await tx.create(document);
  });
const drop = (at: { kind: string; namespace: string; name: string }) =>
  registry.platform.store.transaction({ actor: 'test' }, (tx) => tx.delete(at));
const held = async (name: string) => (await registry.cluster(name))?.status?.conditions?.find(({ type }) => type === 'DeletionHeld');
const isHeld = (name: string) => waitFor(`the deletion of ${name} to be held`, async () => (await held(name)) !== undefined, 8_000);
const isGone = (name: string) => waitFor(`${name} to be gone`, async () => (await registry.cluster(name)) === undefined, 8_000);
const verb = (name: 'confirmDelete' | 'remove', cluster: string) => registry.bus.ask('registry', name, { cluster, actor: 'me' });

describe('a cluster that is deleted', () => {
  it('is held while applications go to it by any of its names, and keeps its agent until it is confirmed', async () => {
    const agent = await registry.addCluster('used');
    const spoke = await registry.dial(agent);
    await hello(spoke);
    await write(application('one', { name: 'used' }), application('two', { server: 'flotilla://used' }));
    await expect(verb('confirmDelete', 'used')).rejects.toMatchObject({ code: 'conflict' });
    await drop(key('used'));
    await isHeld('used');
    expect(await held('used')).toMatchObject({
      status: 'True',
      reason: 'InUse',
      message:
        'the deletion of Cluster used is held: applications argocd/one, argocd/two still go to it; remove them first, or release with: flotilla cluster confirm-delete used',
    });
    expect((await hello(spoke)).session).toBeGreaterThan(0);
    expect(await verb('confirmDelete', 'used')).toEqual({ cluster: 'used', isCut: true });
    await spoke.cut();
    await isGone('used');
    const { items } = await registry.platform.store.list('Application');
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['one', 'two']);
  });

  it('goes by itself as soon as the last of its applications is gone or goes elsewhere', async () => {
    await registry.addCluster('emptied');
    await write(application('three', { name: 'emptied' }), application('four', { name: 'emptied' }));
    expect(await verb('remove', 'emptied')).toEqual({ cluster: 'emptied', isHeld: true });
    await isHeld('emptied');
    await drop(applicationKey('three'));
    await waitFor('the condition to name the other', async () => (await held('emptied'))?.message?.includes('argocd/three') === false);
    expect((await held('emptied'))?.message).toContain('applications argocd/four still go to it');
    await registry.platform.store.transaction({ actor: 'test' }, async (tx) => {
      const four = (await tx.getForUpdate<Application & ResourceDocument>(applicationKey('four')))!;
      await tx.update({ ...four, spec: { ...four.spec, destination: { name: 'elsewhere', namespace: 'n' } } });
    });
    await isGone('emptied');
  });

  it('is always held with the label that protects it', async () => {
    await write({
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Cluster',
      metadata: { name: 'guarded', labels: { 'flotilla.dev/protected': 'true' } },
      spec: {},
    });
    await waitFor('its finalizer', async () => (await registry.cluster('guarded'))?.metadata.finalizers?.length === 1);
    await drop(key('guarded'));
    await isHeld('guarded');
    expect((await held('guarded'))?.message).toContain('label flotilla.dev/protected is on it; release with: flotilla cluster');
    await verb('confirmDelete', 'guarded');
    await isGone('guarded');
  });

  it('is not bound away from under its applications', async () => {
    await registry.addCluster('spare');
    await write(application('five', { name: 'spare' }), {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Cluster',
      metadata: { name: 'bare' },
      spec: {},
    });
    await expect(registry.bus.ask('registry', 'bind', { from: 'spare', to: 'bare' })).rejects.toThrow(
      'applications argocd/five go to cluster spare',
    );
  });
});

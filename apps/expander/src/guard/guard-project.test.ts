import type { AppProject, Condition, ResourceDocument } from '@flotilla/contracts';
import { ManualClock } from '@flotilla/kernel';
import type { ResourceTransaction, WriteContext } from '@flotilla/resources';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { expect, test } from 'vitest';
import { GuardProject } from './guard-project.js';

/** Lets something happen right after the next commit. */
class BusyStore extends FakeResourceStore {
  next: (() => Promise<unknown>) | undefined;

  override async transaction<T>(context: WriteContext, work: (tx: ResourceTransaction) => Promise<T>): Promise<T> {
    const { next } = this;
    this.next = undefined;
    const result = await super.transaction(context, work);
    await next?.();
    return result;
  }
}

const clock = new ManualClock();
const store = new BusyStore({ clock });
const projects = new GuardProject(store, clock);
const key = (name: string, kind = 'AppProject') => ({ kind, namespace: 'argocd', name });
const get = (name: string) => store.get<AppProject & ResourceDocument>(key(name));
const held = async (name: string) => ((await get(name))?.status?.conditions as Condition[] | undefined)?.[0];
const drop = (name: string, kind?: string) => store.transaction({ actor: 'me' }, (tx) => tx.delete(key(name, kind)));

async function project(name: string, labels: Record<string, string> = {}): Promise<void> {
  await store.transaction({ actor: 'me' }, (tx) =>
    tx.create({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name, namespace: 'argocd', labels }, spec: {} }),
  );
  await projects.follow(key(name));
}
const application = (name: string, of: string): Promise<unknown> =>
  store.transaction({ actor: 'me' }, (tx) =>
    tx.create({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name, namespace: 'argocd' }, spec: { project: of } }),
  );

test('a project that applications use is held when it is deleted, and goes when they are gone', async () => {
  await project('team');
  await application('web', 'team');
  await drop('team');
  expect(await projects.follow(key('team'))).toEqual({ againAfterMs: 120_000 });
  const condition = await held('team');
  expect(condition).toMatchObject({
    type: 'DeletionHeld',
    reason: 'InUse',
    message:
      'the deletion of AppProject team is held: applications argocd/web still use it; remove them first, or release with: flotilla proj confirm-delete team',
  });
  clock.advance(60_000);
  await projects.follow(key('team'));
  expect(await held('team')).toEqual(condition);
  await application('other', 'else');
  await projects.applicationMoved(key('other', 'Application'));
  expect(await held('team')).toEqual(condition);
  await drop('web', 'Application');
  await projects.applicationMoved(key('web', 'Application'));
  expect(await get('team')).toBeUndefined();
});

test('an application that goes while the hold is written down is seen, and one that changes its project lets go', async () => {
  await project('quick');
  await application('late', 'quick');
  await application('moving', 'quick');
  await drop('quick');
  store.next = () => drop('late', 'Application');
  await projects.follow(key('quick'));
  expect((await held('quick'))?.message).toContain('applications argocd/moving still use it');
  await store.transaction({ actor: 'me' }, async (tx) => {
    const moving = (await tx.getForUpdate<ResourceDocument>(key('moving', 'Application')))!;
    await tx.update({ ...moving, spec: { project: 'else' } });
  });
  await projects.applicationMoved(key('moving', 'Application'));
  expect(await get('quick')).toBeUndefined();
});

test('of many applications some are named, and each that goes makes room for the next', async () => {
  await project('crowded');
  const names = Array.from({ length: 14 }, (_, place) => `many-${String(place).padStart(2, '0')}`);
  for (const name of names) await application(name, 'crowded');
  await drop('crowded');
  await projects.follow(key('crowded'));
  expect((await held('crowded'))?.message).toContain('argocd/many-09 and more');
  for (const [gone, name] of names.entries()) {
    const named = names.slice(gone, gone + 10).map((left) => `argocd/${left}`);
    const rest = names.length - gone > 10 ? ' and more' : '';
    expect((await held('crowded'))?.message).toContain(`applications ${named.join(', ')}${rest} still use`);
    await drop(name, 'Application');
    await projects.applicationMoved(key(name, 'Application'));
  }
  expect(await get('crowded')).toBeUndefined();
});

test('it goes at once when it is confirmed, and its applications stay', async () => {
  await project('sold');
  await application('shop', 'sold');
  await expect(projects.confirm({ namespace: 'argocd', name: 'sold', actor: 'me' })).rejects.toThrow('is not being deleted');
  await drop('sold');
  await projects.follow(key('sold'));
  await projects.confirm({ namespace: 'argocd', name: 'sold', actor: 'me' });
  expect(await get('sold')).toBeUndefined();
  const shop = await store.get(key('shop', 'Application'));
  expect(shop).toMatchObject({ metadata: { name: 'shop' }, spec: { project: 'sold' } });
  expect(shop?.metadata).not.toHaveProperty('deletionTimestamp');
  await expect(projects.confirm({ namespace: 'argocd', name: 'sold', actor: 'me' })).rejects.toMatchObject({ code: 'not-found' });
});

test('one nobody uses goes at once unless its label protects it', async () => {
  await project('idle');
  await drop('idle');
  await projects.follow(key('idle'));
  expect(await get('idle')).toBeUndefined();
  await project('kept', { 'flotilla.dev/protected': 'true' });
  await drop('kept');
  await projects.follow(key('kept'));
  expect((await held('kept'))?.reason).toBe('Protected');
});

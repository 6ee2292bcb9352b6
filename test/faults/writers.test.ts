import { World } from '@flotilla/demo';
import { KubeError } from '@flotilla/kubeclient';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTENT, end, worldDirectory } from '../scenarios/stage/play-short.js';

const PROJECTS = '/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects';
const INCREMENTS = 15;

interface Project {
  apiVersion: string;
  kind: string;
  metadata: { name: string; resourceVersion?: string; annotations?: Record<string, string> };
  spec: { description?: string; sourceRepos?: string[]; destinations?: unknown[] };
}

let world: World;
const project = (name: string, spec: Project['spec']): Project => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name },
  spec,
});
const create = (name: string): Promise<Project> =>
  world.hub.client.request<Project>('POST', PROJECTS, { body: project(name, { sourceRepos: ['*'] }) });
const read = (name: string): Promise<Project> => world.hub.client.request<Project>('GET', `${PROJECTS}/${name}`);
const put = (document: Project): Promise<Project> =>
  world.hub.client.request<Project>('PUT', `${PROJECTS}/${document.metadata.name}`, { body: document });

/** The status of a refusal; fails when nothing is refused. */
async function refusal(work: Promise<unknown>): Promise<KubeError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

describe('two writers on one document', () => {
  beforeAll(async () => {
    console.log('again: npm run faults -- writers');
    world = await World.create(worldDirectory(), { content: CONTENT });
    await world.hub.start();
  }, 120_000);
  afterAll(() => end(world), 60_000);

  test('of two replacements of the same version one is taken and one refused', { timeout: 60_000 }, async () => {
    const before = await create('replaced');
    const results = await Promise.allSettled(['a', 'b'].map((description) => put({ ...before, spec: { ...before.spec, description } })));
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected')?.reason as KubeError;
    expect(refused).toMatchObject({ status: 409, reason: 'Conflict' });
    const won = results.find((result) => result.status === 'fulfilled')?.value as Project;
    expect((await read('replaced')).spec.description).toBe(won.spec.description);
  });

  test('no increment is lost between two who read, add and replace until they are taken', { timeout: 60_000 }, async () => {
    await create('counted');
    let conflicts = 0;
    const writer = async (): Promise<void> => {
      for (let done = 0; done < INCREMENTS; ) {
        const found = await read('counted');
        const count = Number(found.metadata.annotations?.['example.com/count'] ?? 0) + 1;
        const next = { ...found, metadata: { ...found.metadata, annotations: { 'example.com/count': String(count) } } };
        try {
          await put(next);
          done++;
        } catch (error) {
          if (!(error instanceof KubeError && error.status === 409)) throw error;
          conflicts++;
        }
      }
    };
    await Promise.all([writer(), writer()]);
    expect((await read('counted')).metadata.annotations?.['example.com/count']).toBe(String(2 * INCREMENTS));
    console.log(`${conflicts} conflicts on the way`);
  });

  test('an applied field stays with its manager until the other forces it; fields of different managers stand side by side', {
    timeout: 60_000,
  }, async () => {
    const path = `${PROJECTS}/applied`;
    const { client } = world.hub;
    await client.apply(path, project('applied', { description: 'of one' }), { fieldManager: 'one' });
    await client.apply(path, project('applied', { sourceRepos: ['https://git.example.com/two'] }), { fieldManager: 'two' });
    const refused = await refusal(client.apply(path, project('applied', { description: 'of two' }), { fieldManager: 'two' }));
    expect(refused).toMatchObject({ status: 409 });
    expect(refused.message).toContain('"one"');
    expect((await read('applied')).spec).toMatchObject({ description: 'of one', sourceRepos: ['https://git.example.com/two'] });

    await client.apply(path, project('applied', { description: 'of two' }), { fieldManager: 'two', force: true });
    const after = await read('applied');
    expect(after.spec.description).toBe('of two');
    // What a manager no longer applies, and nobody else holds, goes.
    expect(after.spec.sourceRepos ?? []).toEqual([]);
    const again = await refusal(client.apply(path, project('applied', { description: 'of one' }), { fieldManager: 'one' }));
    expect(again).toMatchObject({ status: 409 });
  });
});

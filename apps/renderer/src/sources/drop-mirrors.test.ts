import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RendererBench, startRendererBench } from '../testing/renderer-bench.js';

const DAY_MS = 24 * 3_600_000;

let bench: RendererBench;
beforeEach(async () => {
  bench = await startRendererBench();
});
afterEach(() => bench.close());

const mirrors = (): string[] => {
  const dir = join(bench.dir, '0', 'git');
  return existsSync(dir) ? readdirSync(dir) : [];
};

test('a mirror that no source names leaves the disk after a day; one in use stays, and whoever asks again fetches again', async () => {
  const [used, unused] = [
    await bench.server.createRepo('used', { 'a.yaml': 'a: 1\n' }),
    await bench.server.createRepo('unused', { 'a.yaml': 'a: 1\n' }),
  ];
  await bench.putApplication('app', [{ repoURL: used.httpUrl, path: '.', targetRevision: 'main' }]);
  await bench.renderer.uses.keepSources({ kind: 'Application', namespace: 'argocd', name: 'app' });
  expect(await bench.renderer.uses.sweepMirrors()).toBe(0);
  const resolve = (repoURL: string) => bench.renderer.uses.resolve({ refs: [{ repoURL, ref: 'main' }] });
  for (const { httpUrl } of [used, unused]) await resolve(httpUrl);
  expect(mirrors()).toHaveLength(2);
  await bench.renderer.uses.sweepMirrors();
  bench.clock.advance(DAY_MS - 1);
  await bench.renderer.uses.sweepMirrors();
  expect(mirrors()).toHaveLength(2);
  bench.clock.advance(1);
  await bench.renderer.uses.sweepMirrors();
  expect(mirrors()).toHaveLength(1);
  const commit = (await bench.server.repositories.resolve(unused, 'main'))!;
  expect(await bench.renderer.uses.directories({ repoURL: unused.httpUrl, commit })).toHaveProperty('digest');
  expect(mirrors()).toHaveLength(2);
});

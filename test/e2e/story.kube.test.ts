import { fileURLToPath } from 'node:url';
import type { Summary } from '@flotilla/demo';
import { Child, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONTEXTS, RealFleet } from './real-fleet.js';

const DEMO = fileURLToPath(new URL('../../apps/demo/dist/src/main.js', import.meta.url));
const STORY_MS = 180_000;
const STEPS = [
  'hub',
  'clusters',
  'apply',
  'first-rollout',
  'plan-and-rollout',
  'bad-commit',
  'label-typo',
  'hub-killed',
  'cut-off',
  'prune',
];

let fleet: RealFleet;

beforeAll(async () => {
  fleet = await RealFleet.start();
});
afterAll(() => fleet?.stop());

const play = (...args: string[]): Child =>
  new Child(process.execPath, ['--enable-source-maps', DEMO, '--context', CONTEXTS.join(','), '--kubeconfig', fleet.kubeconfig, ...args]);

test(
  'the story plays on real clusters, each agent with the rights of its own service account, and leaves no trace',
  async () => {
    const before = await fleet.inventory();
    const demo = play('--exit');
    await waitFor('the story to end', () => !demo.running, STORY_MS);
    const line = demo.output.split('\n').find((text) => text.startsWith('{"ok"'));
    expect(line, demo.output).toBeDefined();
    const summary = JSON.parse(line!) as Summary;
    expect(summary.steps.map(({ name, ok, result }) => ({ name, ok, result }))).toEqual(
      STEPS.map((name) => ({ name, ok: true, result: expect.any(String) })),
    );
    expect(demo.process.exitCode).toBe(0);
    expect(await fleet.inventory()).toEqual(before);
  },
  STORY_MS + 10_000,
);

test('a story that is interrupted in the middle leaves no trace either', async () => {
  const before = await fleet.inventory();
  const demo = play();
  await waitFor('objects of the story', async () => (await fleet.inventory()).some((name) => name.endsWith('/web-config')), 60_000);
  demo.process.kill('SIGINT');
  await waitFor('the demo to end', () => !demo.running, 60_000);
  expect(await fleet.inventory()).toEqual(before);
}, 130_000);

test('two contexts of one cluster are refused before anything is made', async () => {
  const before = await fleet.inventory();
  const demo = new Child(process.execPath, [DEMO, '--exit', '--context', `${CONTEXTS[0]},${CONTEXTS[1]},missing`, '--kubeconfig', fleet.kubeconfig]);
  await waitFor('the demo to end', () => !demo.running);
  expect(demo.process.exitCode).toBe(1);
  expect(demo.output).toContain('no context "missing"');
  expect(await fleet.inventory()).toEqual(before);
});

import { fileURLToPath } from 'node:url';
import type { Summary } from '@flotilla/demo';
import { Child, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONTEXTS, RealFleet, TWIN } from './real-fleet.js';

const DEMO = fileURLToPath(new URL('../../apps/demo/dist/src/main.js', import.meta.url));
const STORY_MS = 180_000;
const STEPS = [
  'hub',
  'clusters',
  'prepare',
  'apply',
  'first-rollout',
  'secret',
  'rotate',
  'plan-and-rollout',
  'bad-commit',
  'label-typo',
  'messages',
  'hub-killed',
  'cut-off',
  'prune',
  'canary',
];

let fleet: RealFleet;

beforeAll(async () => {
  fleet = await RealFleet.start();
});
afterAll(() => fleet?.stop());

const demo = (contexts: readonly string[], ...args: string[]): Child =>
  new Child(process.execPath, ['--enable-source-maps', DEMO, '--context', contexts.join(','), '--kubeconfig', fleet.kubeconfig, ...args]);

test(
  'the story plays on real clusters, each agent with the rights of its own service account, and leaves no trace',
  async () => {
    const before = await fleet.inventory();
    const child = demo(CONTEXTS, '--exit');
    await waitFor('the story to end', () => !child.running, STORY_MS);
    const line = child.output.split('\n').find((text) => text.startsWith('{"ok"'));
    if (!line) throw new Error(`the demo printed no summary:\n${child.output}`);
    const { steps } = JSON.parse(line) as Summary;
    expect(steps.map(({ name, ok, result }) => (ok ? name : `${name}: ${result}`))).toEqual(STEPS);
    expect(child.process.exitCode).toBe(0);
    expect(await fleet.inventory()).toEqual(before);
  },
  STORY_MS + 10_000,
);

test('a story that is interrupted in the middle leaves no trace either', async () => {
  const before = await fleet.inventory();
  const child = demo(CONTEXTS);
  try {
    await waitFor('objects of the story', async () => (await fleet.inventory()).some((name) => name.endsWith('/web-config')), 90_000, 500);
    child.process.kill('SIGINT');
    await waitFor('the demo to end', () => !child.running, 60_000);
  } catch (error) {
    throw new Error(`${String(error)}; the demo said:\n${child.output}`);
  } finally {
    // It takes its hub and agents along.
    if (child.running) child.process.kill('SIGINT');
    await waitFor('the demo to be gone', () => !child.running, 60_000);
  }
  expect(await fleet.inventory()).toEqual(before);
}, 230_000);

test.each([
  [[CONTEXTS[0], CONTEXTS[1], 'missing'], 'no context "missing"'],
  [[CONTEXTS[0], TWIN, CONTEXTS[2]], `context ${TWIN} is the same cluster as another one`],
])('contexts %s are refused before anything is made', async (contexts, complaint) => {
  const before = await fleet.inventory();
  const child = demo(contexts, '--exit');
  await waitFor('the demo to end', () => !child.running);
  expect(child.process.exitCode).toBe(1);
  expect(child.output).toContain(complaint);
  expect(await fleet.inventory()).toEqual(before);
});

import type { Bundle, DesiredApp, DesiredBody } from '@flotilla/contracts';
import { systemClock } from '@flotilla/kernel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KindWatches } from '../cluster/kind-watches.js';
import { StatusLedger } from '../status/status-ledger.js';
import { eventually } from '../testing/agent-bench.js';
import { Engine } from './engine.js';
import type { SpokeContext } from './spoke-context.js';

const app = (uid: string, release = 'r1'): DesiredApp => ({
  uid,
  namespace: 'argocd',
  name: uid,
  project: 'default',
  release,
  revision: 'abc',
  bundle: 'b'.repeat(64),
  destinationNamespace: 'x',
  syncPolicy: {},
  apply: true,
});
const body = (...apps: DesiredApp[]): DesiredBody => ({ apps, removals: [], grants: [] }) as unknown as DesiredBody;

/** Applications in the order they were looked at; none can be settled, because their bundle is not at hand. */
let looked: string[];
let loads: number;
let isTaking: boolean;
let engine: Engine;

beforeEach(() => {
  [looked, loads, isTaking] = [[], 0, false];
  const context = {
    clock: systemClock,
    cache: { onChange: () => undefined },
    log: (_level: string, _message: string, { key }: { key?: string } = {}) => {
      if (key) looked.push(key);
    },
  };
  const loadBundle = async (): Promise<Bundle> => {
    loads++;
    if (!isTaking) throw new Error('the bundle is not at hand');
    return { items: [] } as unknown as Bundle;
  };
  engine = new Engine(
    {
      context: context as unknown as SpokeContext,
      watches: {} as KindWatches,
      ledger: new StatusLedger(),
      loadBundle,
      denial: () => undefined,
      secrets: { versionOf: () => undefined, reasonFor: () => undefined },
      forgetRecord: async () => undefined,
      onStatus: () => undefined,
    },
    [],
  );
});
afterEach(() => engine.stop());

/** Takes a document over, and says what was looked at because of it. */
async function take(document: DesiredBody, expected: readonly string[]): Promise<void> {
  looked = [];
  isTaking = true;
  await engine.setDesired(document);
  isTaking = false;
  await eventually(`${expected.join(', ')} to be looked at`, () => expected.every((uid) => looked.includes(uid)));
}

test('an application that is desired as before is left alone by the next document, and its bundle is not read', async () => {
  await take(body(app('a'), app('b')), ['a', 'b']);
  loads = 0;
  await take(body(app('a'), app('b'), app('c')), ['c']);
  expect(looked).toEqual(['c']);
  // Of c alone: once for its objects' keys, once to settle it.
  expect(loads).toBe(2);
  await take(body(app('a', 'r2'), app('b'), app('c')), ['a']);
  expect(looked).not.toContain('b');
});

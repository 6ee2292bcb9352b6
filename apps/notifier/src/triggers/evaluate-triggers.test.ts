import { createHash } from 'node:crypto';
import { readNotifications } from '@flotilla/admission';
import { describe, expect, it } from 'vitest';
import { intentId } from '../deliveries/intent.js';
import { remember } from '../feed/states.store.pg.js';
import { evaluateTriggers, MAX_STATES } from './evaluate-triggers.js';
import { isSettled } from './is-settled.js';

const TRIGGERS = {
  'trigger.a': '- when: app.x == 1\n  send: [app-created]\n- when: app.x > 0\n  oncePer: string(app.y)\n  send: [app-created, app-deleted]',
};
const { triggers } = readNotifications(TRIGGERS);
const destinations = new Map([
  [
    'a',
    [
      { service: 'slack', recipient: 'r1' },
      { service: 'slack', recipient: 'r2' },
    ],
  ],
]);

/** Small numbers that look random and are the same every time. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

const evaluate = (app: Record<string, unknown>, states: ReadonlySet<string>) =>
  evaluateTriggers({ config: { triggers }, kind: 'Application', destinations, variables: { app }, states, now: () => 0 });

describe('evaluateTriggers', () => {
  it('keys what it said as Argo CD does', () => {
    const { set } = evaluate({ x: 1, y: 'v' }, new Set());
    const hash = createHash('sha1').update('app.x == 1').digest('base64url');
    expect(set[0]).toBe(`a:[0].${hash}:slack:r1`);
    expect(set).toHaveLength(4);
    expect(set[2]).toMatch(/^v:a:\[1\]\.[\w-]{27}:slack:r1$/);
  });

  it('for any history speaks once per time a condition becomes true, once per value with oncePer, and per event at most one key', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = sequence(seed);
      const memory = { states: new Set<string>(), phase: undefined };
      const ids = new Set<string>();
      const seenY = new Set<string>();
      let wasOne = false;
      for (let event = 0; event < 30; event++) {
        const [x, y] = [next(3), next(4)];
        const result = evaluate({ x, y }, memory.states);
        const fired = (condition: string) =>
          result.fired.filter(({ stateKey }) => stateKey.includes(`:[${condition}].`) || stateKey.startsWith(`a:[${condition}].`)).length;
        expect(fired('0')).toBe(x === 1 && !wasOne ? 2 : 0);
        expect(fired('1')).toBe(x > 0 && !seenY.has(String(y)) ? 2 : 0);
        wasOne = x === 1;
        if (x > 0) seenY.add(String(y));
        for (const firing of result.fired) {
          for (const template of firing.templates) {
            const id = intentId(`event-${event}`, firing, template);
            expect(id).toMatch(/^[0-9a-f]{64}$/);
            expect(ids.has(id)).toBe(false);
            ids.add(id);
          }
        }
        remember(memory, result.set, result.cleared);
        // Reading the same change again says nothing more.
        expect(evaluate({ x, y }, memory.states).fired).toEqual([]);
      }
    }
  });

  it('keeps the newest of what it said', () => {
    const memory = { states: new Set<string>(), phase: undefined };
    const keys = Array.from({ length: MAX_STATES + 5 }, (_, i) => `k${i}`);
    expect(remember(memory, keys, [])).toEqual(['k0', 'k1', 'k2', 'k3', 'k4']);
    expect(memory.states.size).toBe(MAX_STATES);
  });

  it('takes a failing condition for false and one without end for neither', () => {
    const config = readNotifications({
      'trigger.a':
        '- when: app.missing.deeper == 1\n  send: [app-created]\n- when: all(1..10000, {all(1..10000, {true})})\n  send: [app-created]',
    });
    const result = evaluateTriggers({ config, kind: 'Application', destinations, variables: { app: {} }, states: new Set(), now: () => 0 });
    expect(result).toMatchObject({ fired: [], cleared: [], problems: [expect.stringContaining('more than 100000 steps')] });
  });
});

describe('isSettled', () => {
  it('waits until the state is newer than the operation', () => {
    const status = (rest: object) => ({ status: { operationState: { phase: 'Succeeded', finishedAt: '2026-01-01T00:00:10Z' }, ...rest } });
    expect(isSettled(status({ observedAt: '2026-01-01T00:00:09Z' }))).toBe(false);
    expect(isSettled(status({ observedAt: '2026-01-01T00:00:10Z' }))).toBe(true);
    expect(isSettled({ status: { operationState: { phase: 'Running' } } })).toBe(true);
    expect(isSettled({})).toBe(true);
  });
});

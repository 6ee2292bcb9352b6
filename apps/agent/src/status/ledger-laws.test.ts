import type { AppStatus, ResourceStatus, StatusBatch } from '@flotilla/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FullAppStatus, StatusLedger } from './status-ledger.js';

const statusOf = (uid: string, rows: readonly number[], health: FullAppStatus['health']): FullAppStatus => ({
  uid,
  release: 'r',
  bundle: 'b',
  sync: 'Synced',
  health,
  observedAt: 'now',
  rows: new Map(
    rows.map((version, i): [string, ResourceStatus] => [
      `k${i}`,
      // Long enough that few applications fit one batch.
      { key: `k${i}`, version: `v${version}`, sync: 'Synced', message: 'x'.repeat(20_000) },
    ]),
  ),
});

/** The hub: it keeps what batches tell it. */
class Listener {
  readonly apps = new Map<string, { health: string; rows: Map<string, string> }>();
  #seen: Set<string> | undefined;

  hear({ apps, gone, snapshot }: Pick<StatusBatch, 'apps' | 'gone' | 'snapshot'>): void {
    if (snapshot === 'start' || snapshot === 'whole') this.#seen = new Set();
    for (const app of apps) this.#take(app);
    for (const uid of gone) this.apps.delete(uid);
    if (snapshot !== 'end' && snapshot !== 'whole') return;
    for (const uid of this.apps.keys()) if (!this.#seen?.has(uid)) this.apps.delete(uid);
    this.#seen = undefined;
  }

  #take({ uid, health, resources = [], goneResources = [], complete }: AppStatus): void {
    this.#seen?.add(uid);
    const app = complete ? undefined : this.apps.get(uid);
    const rows = app?.rows ?? new Map<string, string>();
    for (const key of goneResources) rows.delete(key);
    for (const { key, version } of resources) rows.set(key, version ?? '');
    this.apps.set(uid, { health, rows });
  }
}

const uid = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const operation = fc.oneof(
  fc.record({
    set: uid,
    rows: fc.array(fc.nat(3), { maxLength: 6 }),
    health: fc.constantFrom<FullAppStatus['health']>('Healthy', 'Degraded'),
  }),
  fc.record({ forget: uid }),
  // Built, heard by the hub or lost, acknowledged or not; what happens while it is on its way comes between.
  fc.record({ send: fc.constantFrom<'answered' | 'unanswered' | 'lost'>('answered', 'answered', 'unanswered', 'lost') }),
  fc.record({ ask: fc.constant(true) }),
);

test('whatever happens, the hub ends with what is so, and hears nothing twice without need', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(operation, operation), { maxLength: 30 }), (steps) => {
      const ledger = new StatusLedger();
      const hub = new Listener();
      const current = new Map<string, FullAppStatus>();
      const play = (one: (typeof steps)[number][0]): void => {
        if ('set' in one) {
          const status = statusOf(one.set, one.rows, one.health);
          current.set(one.set, status);
          ledger.set(status);
        } else if ('forget' in one) {
          current.delete(one.forget);
          ledger.forget(one.forget);
        } else if ('ask' in one) void ledger.hasNews;
      };
      ledger.beginSnapshot();
      for (const [first, between] of steps) {
        if (!('send' in first)) {
          play(first);
          continue;
        }
        const batch = ledger.next();
        if (!batch) continue;
        if (first.send !== 'lost') hub.hear(batch);
        if (!('send' in between) && !('ask' in between)) play(between);
        if (first.send === 'answered') ledger.acknowledge();
        else ledger.beginSnapshot();
      }
      let batches = 0;
      for (let batch = ledger.next(); batch; batch = ledger.next()) {
        hub.hear(batch);
        ledger.acknowledge();
        expect(++batches).toBeLessThan(40);
      }
      const told = [...hub.apps].map(([name, { health, rows }]) => [name, health, [...rows].sort()]).sort();
      const so = [...current].map(([name, { health, rows }]) => [
        name,
        health,
        [...rows].map(([key, { version }]) => [key, version]).sort(),
      ]);
      expect(told).toEqual(so.sort());
      expect(ledger.hasNews).toBe(false);
    }),
    { numRuns: 150 },
  );
});

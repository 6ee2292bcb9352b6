import type { AppStatus, ResourceStatus, StatusBatch } from '@flotilla/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FullAppStatus } from './status-draft.js';
import { StatusLedger } from './status-ledger.js';

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

/** The hub: it keeps what batches tell it, and forgets at the end of a snapshot what none since its start told. */
class Listener {
  readonly apps = new Map<string, { health: string; at: number; rows: Map<string, { version: string; at: number }> }>();
  #at = 0;
  #snapshotFrom = 0;

  hear({ apps, gone, snapshot }: Pick<StatusBatch, 'apps' | 'gone' | 'snapshot'>): void {
    this.#at++;
    if (snapshot === 'start' || snapshot === 'whole') this.#snapshotFrom = this.#at;
    for (const app of apps) this.#take(app);
    for (const uid of gone) this.apps.delete(uid);
    if (snapshot === 'end' || snapshot === 'whole') this.#forget(this.#snapshotFrom);
  }

  #take({ uid, health, resources = [], goneResources = [] }: AppStatus): void {
    const rows = this.apps.get(uid)?.rows ?? new Map<string, { version: string; at: number }>();
    for (const { key, version } of resources) rows.set(key, { version: version ?? '', at: this.#at });
    for (const key of goneResources) rows.delete(key);
    this.apps.set(uid, { health, at: this.#at, rows });
  }

  #forget(from: number): void {
    for (const [uid, { at, rows }] of this.apps) {
      for (const [key, row] of rows) if (row.at < from) rows.delete(key);
      if (at < from) this.apps.delete(uid);
    }
  }
}

const uid = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const change = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      set: uid,
      rows: fc.array(fc.nat(1), { maxLength: 6 }),
      health: fc.constantFrom<FullAppStatus['health']>('Healthy', 'Degraded'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ forget: uid }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant(true) }) },
);
/** A batch is heard and answered, heard though no answer comes, or lost; other things happen meanwhile. */
const sending = fc.record({
  fate: fc.constantFrom('answered', 'answered', 'unanswered', 'lost'),
  meanwhile: fc.array(change, { maxLength: 3 }),
});
const step = fc.oneof(change, sending, fc.record({ session: fc.constant('new') }));

test('whatever happens, the hub ends with what is so, and is told nothing more then', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const ledger = new StatusLedger();
      const hub = new Listener();
      const current = new Map<string, FullAppStatus>();
      const play = (one: (typeof steps)[number]): void => {
        if ('set' in one) {
          const status = statusOf(one.set, one.rows, one.health);
          current.set(one.set, status);
          ledger.set(status);
        } else if ('forget' in one) {
          current.delete(one.forget);
          ledger.forget(one.forget);
        } else if ('ask' in one) void ledger.hasNews;
        else if ('session' in one) ledger.beginSnapshot();
        else send(one);
      };
      const send = ({ fate, meanwhile }: { fate: string; meanwhile: readonly (typeof steps)[number][] }): void => {
        const batch = ledger.next();
        if (batch && fate !== 'lost') hub.hear(batch);
        for (const one of meanwhile) play(one);
        if (batch && fate === 'answered') ledger.acknowledge();
      };
      ledger.beginSnapshot();
      for (const one of steps) play(one);
      let batches = 0;
      for (let batch = ledger.next(); batch; batch = ledger.next()) {
        hub.hear(batch);
        ledger.acknowledge();
        expect(++batches).toBeLessThan(40);
      }
      const told = [...hub.apps].map(([name, { health, rows }]) => [
        name,
        health,
        [...rows].map(([key, { version }]) => [key, version]).sort(),
      ]);
      const so = [...current].map(([name, { health, rows }]) => [
        name,
        health,
        [...rows].map(([key, { version }]) => [key, version]).sort(),
      ]);
      expect(told.sort()).toEqual(so.sort());
      expect(ledger.hasNews).toBe(false);
    }),
    { numRuns: 400 },
  );
});

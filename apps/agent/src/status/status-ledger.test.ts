import { MAX_STATUS_BYTES, type ResourceStatus, statusBatchSchema } from '@flotilla/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import type { FullAppStatus } from './status-draft.js';
import { StatusLedger } from './status-ledger.js';

const app = (uid: string, rows: number, health: FullAppStatus['health'] = 'Healthy', text = ''): FullAppStatus => ({
  uid,
  release: 'r',
  bundle: 'b',
  sync: 'Synced',
  health,
  observedAt: new Date().toISOString(),
  rows: new Map(
    Array.from({ length: rows }, (_, i): [string, ResourceStatus] => [
      `/ConfigMap/n/${i}`,
      { key: `/ConfigMap/n/${i}`, version: 'v1', sync: 'Synced', message: text },
    ]),
  ),
});

describe('the status ledger', () => {
  let ledger: StatusLedger;
  const drain = () => {
    const batches = [];
    for (let batch = ledger.next(); batch; batch = ledger.next()) {
      const whole = { session: 1, seq: batches.length + 1, ...batch };
      statusBatchSchema.parse(whole);
      expect(Buffer.byteLength(JSON.stringify(whole))).toBeLessThanOrEqual(MAX_STATUS_BYTES);
      batches.push(batch);
      ledger.acknowledge();
    }
    return batches;
  };
  beforeEach(() => {
    ledger = new StatusLedger();
    ledger.beginSnapshot();
  });

  test('begins with a snapshot, also of nothing', () => {
    expect(drain().map(({ snapshot, apps }) => [snapshot, apps.length])).toEqual([['whole', 0]]);
    expect(ledger.hasNews).toBe(false);
  });

  test('then tells only what changed, and nothing for a new time alone', () => {
    ledger.set(app('a', 3));
    drain();
    ledger.set({ ...app('a', 3), observedAt: 'later' });
    expect(ledger.next()).toBeUndefined();
    ledger.set(app('a', 4, 'Degraded'));
    const [batch] = drain();
    expect(batch?.apps[0]).toMatchObject({ health: 'Degraded', resources: [{ key: '/ConfigMap/n/3' }] });
    ledger.set(app('a', 2));
    expect(drain()[0]?.apps[0]?.goneResources).toEqual(['/ConfigMap/n/2', '/ConfigMap/n/3']);
    ledger.forget('a');
    expect(drain()[0]?.gone).toEqual(['a']);
  });

  test('cuts a large snapshot into batches that fit, marks its ends, and lists each application once as complete', () => {
    for (let i = 0; i < 5; i++) ledger.set(app(`a${i}`, 400, 'Healthy', 'x'.repeat(200)));
    const batches = drain();
    expect(batches.length).toBeGreaterThan(5);
    expect(batches.map(({ snapshot }) => snapshot)).toEqual(['start', ...batches.slice(2).map(() => 'part'), 'end']);
    const parts = batches.flatMap(({ apps }) => apps);
    expect(parts.filter(({ complete }) => complete).map(({ uid }) => uid)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4']);
    expect(parts.reduce((sum, { resources }) => sum + (resources?.length ?? 0), 0)).toBe(2000);
  });

  test('builds an unacknowledged batch anew from what is true then', () => {
    ledger.set(app('a', 1));
    ledger.next();
    ledger.set(app('a', 1, 'Degraded'));
    expect(ledger.next()?.apps[0]?.health).toBe('Degraded');
  });

  test('carries receipts and unassigned applications until they are acknowledged', () => {
    drain();
    ledger.setReceipts([{ kind: 'removal', uid: 'a', mode: 'prune', done: false }]);
    ledger.setUnassigned([{ uid: 'b', name: 'n/b', objects: 2 }]);
    expect(ledger.next()).toMatchObject({ receipts: [{ uid: 'a' }], unassigned: [{ uid: 'b' }] });
    expect(drain()).toHaveLength(1);
    ledger.setReceipts([{ kind: 'removal', uid: 'a', mode: 'prune', done: true }]);
    expect(drain()[0]?.receipts[0]?.done).toBe(true);
  });

  test('tells of secrets when what is said of them changed, and of all of them in a snapshot, within the size of a batch', () => {
    ledger.set(app('a', 400, 'Healthy', 'x'.repeat(200)));
    const receipts = Array.from({ length: 120 }, (_, i) => ({
      grant: `g${i}`,
      version: 'a'.repeat(64),
      done: false,
      message: 'y'.repeat(500),
      observedAt: 'now',
    }));
    ledger.setSecrets('a', receipts);
    const told = () => drain().flatMap(({ secrets = [] }) => secrets.map(({ grant }) => grant));
    expect(told()).toHaveLength(120);
    ledger.setSecrets(
      'a',
      receipts.map((receipt, i) => ({ ...receipt, observedAt: 'later', done: i === 7 })),
    );
    expect(told()).toEqual(['g7']);
    ledger.beginSnapshot();
    expect(new Set(told()).size).toBe(120);
    ledger.forget('a');
    expect(told()).toEqual([]);
  });
});

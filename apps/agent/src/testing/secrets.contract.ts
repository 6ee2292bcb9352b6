import { describe, expect, test } from 'vitest';
import { type AgentBench, eventually } from './agent-bench.js';
import { base64, CANARY, dataOf, give, ROTATED, received } from './secret-bench.js';

/** Secrets that the hub's broker gives: fetched sealed, kept sealed, opened only to be applied. */
export function secretsSuite(of: () => AgentBench): void {
  rotationSuite(of);
  policySuite(of);
}

function rotationSuite(of: () => AgentBench): void {
  describe('a granted secret', () => {
    test('is written, rotated without another release, healed without the hub, and pruned with its grant', async () => {
      const bench = of();
      const app = await bench.app('given', [bench.configMap('beside')]);
      const first = await give(bench, app, 'login', { password: CANARY, user: 'u' });
      bench.hub.assign([app], [], [first]);
      await bench.start();
      await bench.settled(app);
      expect(await dataOf(bench, 'login')).toEqual({ password: base64(CANARY), user: base64('u') });
      await received(bench, first);
      const second = await give(bench, app, 'login', { password: ROTATED });
      bench.hub.assign([app], [], [second]);
      await eventually('the rotated value', async () => (await dataOf(bench, 'login'))?.password === base64(ROTATED));
      expect(await dataOf(bench, 'login')).toEqual({ password: base64(ROTATED) });
      await received(bench, second);
      bench.hub.isDown = true;
      await bench.restart();
      await bench.kube.request('DELETE', bench.path('secrets', 'login'));
      await eventually('the healed Secret', async () => (await dataOf(bench, 'login'))?.password === base64(ROTATED));
      bench.hub.isDown = false;
      bench.hub.assign([app]);
      await eventually('the prune', async () => (await dataOf(bench, 'login')) === undefined);
    });

    test('rotates and heals also where self-heal is off, once it was synced', async () => {
      const bench = of();
      const app = await bench.app('manual', [bench.configMap('beside')], { apply: false, syncPolicy: {} });
      const first = await give(bench, app, 'login', { password: CANARY });
      bench.hub.assign([app], [], [first]);
      await bench.start();
      await eventually('the envelope', () => bench.hub.broker.asked.length > 0);
      await eventually('the report', () => bench.status(app.uid)?.sync === 'OutOfSync');
      expect(await dataOf(bench, 'login')).toBeUndefined();
      bench.hub.assign([{ ...app, operation: { id: 'op-1', sync: {} } }], [], [first]);
      await received(bench, first);
      const second = await give(bench, app, 'login', { password: ROTATED });
      bench.hub.assign([app], [], [second]);
      await received(bench, second);
      await bench.kube.request('DELETE', bench.path('secrets', 'login'));
      await eventually('the healed Secret', () => dataOf(bench, 'login'));
    });

    test('that is not there yet is named, holds later waves and nothing else, and comes when the broker gives it', async () => {
      const bench = of();
      const late = bench.configMap('late', {}, { 'argocd.argoproj.io/sync-wave': '2' });
      const app = await bench.app('waiting', [bench.configMap('beside'), late]);
      const other = await bench.app('other', [bench.configMap('elsewhere')]);
      const grant = await give(bench, app, 'login', { password: CANARY });
      bench.hub.broker.refusal = { code: 'unavailable', message: 'the provider is down' };
      bench.hub.assign([app, other], [], [grant]);
      await bench.start();
      await bench.settled(other);
      const status = await eventually('the report', () => {
        const found = bench.status(app.uid);
        return (
          found?.conditions?.some(({ type, message }) => type === 'SecretsWaiting' && message.includes('the provider is down')) && found
        );
      });
      expect(status.health).toBe('Progressing');
      expect(status.operation?.message).toContain(`wave 0: /Secret/${bench.namespace}/login waits for grant ${grant.id}`);
      expect(await bench.kube.get(bench.path('configmaps', 'beside'))).toBeDefined();
      expect(await bench.kube.get(bench.path('configmaps', 'late'))).toBeUndefined();
      const receipt = await eventually('the receipt', () => bench.hub.broker.receipts.get(grant.id));
      expect(receipt).toMatchObject({ done: false, message: expect.stringContaining('ExternalSecret') });
      bench.hub.broker.refusal = undefined;
      await bench.settled(app);
      expect(await bench.kube.get(bench.path('configmaps', 'late'))).toBeDefined();
      await received(bench, grant);
    });

    test('keeps its last good value while the next one is not to be had, and when nobody has read one', async () => {
      const bench = of();
      const app = await bench.app('lasting', [bench.configMap('beside')]);
      const first = await give(bench, app, 'login', { password: CANARY });
      bench.hub.assign([app], [], [first]);
      await bench.start();
      await received(bench, first);
      const { version: _none, ...unread } = first;
      bench.hub.assign([app], [], [unread]);
      await eventually('the report', () => bench.hub.broker.receipts.get(first.id)?.message?.includes('nobody has read a value'));
      bench.hub.broker.refusal = { code: 'moved', message: 'another version is on its way' };
      const second = await give(bench, app, 'login', { password: ROTATED });
      bench.hub.assign([app], [], [second]);
      await eventually('the report', () => bench.hub.broker.receipts.get(first.id)?.message?.includes('the former value stays: moved'));
      expect(bench.hub.broker.receipts.get(first.id)).toMatchObject({ version: first.version, done: false });
      await bench.kube.request('DELETE', bench.path('secrets', 'login'));
      await eventually('the healed Secret', async () => (await dataOf(bench, 'login'))?.password === base64(CANARY));
    });
  });
}

function policySuite(of: () => AgentBench): void {
  describe('a creation policy', () => {
    test('Orphan leaves the Secret when the grant goes, without our marks', async () => {
      const bench = of();
      const app = await bench.app('orphaning', [bench.configMap('beside')]);
      const grant = await give(bench, app, 'login', { password: CANARY }, { creationPolicy: 'Orphan' });
      bench.hub.assign([app], [], [grant]);
      await bench.start();
      await received(bench, grant);
      bench.hub.assign([app]);
      const left = await eventually('the marks to go', async () => {
        const live = await bench.kube.get(bench.path('secrets', 'login'));
        return live && !live.metadata.labels?.['flotilla.dev/managed'] && live;
      });
      expect(left.data).toEqual({ password: base64(CANARY) });
      await bench.settled(app);
    });

    test('Merge adds its keys to a Secret that exists, makes none, and deletes none with the application', async () => {
      const bench = of();
      const app = await bench.app('merging', [bench.configMap('beside')]);
      const grant = await give(bench, app, 'shared', { password: CANARY }, { creationPolicy: 'Merge', type: 'example.org/other' });
      bench.hub.assign([app], [], [grant]);
      await bench.start();
      await eventually('the report', () => bench.hub.broker.receipts.get(grant.id)?.message?.includes('Merge never makes one'));
      expect(await dataOf(bench, 'shared')).toBeUndefined();
      const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'shared' }, type: 'Opaque', data: { theirs: base64('x') } };
      await bench.kube.request('POST', `/api/v1/namespaces/${bench.namespace}/secrets`, { body });
      bench.hub.ask({ verb: 'refresh', app: app.uid });
      await received(bench, grant);
      expect(await dataOf(bench, 'shared')).toEqual({ theirs: base64('x'), password: base64(CANARY) });
      bench.hub.assign([], [{ uid: app.uid, namespace: app.namespace, name: app.name, mode: 'prune' }]);
      await eventually('the removal', () => bench.hub.receipts.get(app.uid)?.done);
      expect(await dataOf(bench, 'shared')).toMatchObject({ theirs: base64('x') });
      expect(await bench.kube.get(bench.path('configmaps', 'beside'))).toBeUndefined();
    });
  });
}

import { generateSealingKeyPair } from '@flotilla/keyring';
import { describe, expect, test } from 'vitest';
import type { HandedOut } from '../link/broker.fake.js';
import { jsonLog } from '../log.js';
import { type AgentBench, eventually } from './agent-bench.js';
import { base64, CANARY, dataOf, expectClean, give, ROTATED, received, secretText, type VersionedGrant } from './secret-bench.js';

/** Envelopes that are not what they should be, and where values must never be. */
export function envelopesSuite(of: () => AgentBench): void {
  /** Runs with a good secret, then with a next version whose envelope is spoilt: the good one has to stay. */
  async function refused(
    spoil: (bench: AgentBench, next: VersionedGrant, good: HandedOut) => Promise<HandedOut> | HandedOut,
  ): Promise<string> {
    const bench = of();
    const app = await bench.app('guarded', [bench.configMap('beside')]);
    const first = await give(bench, app, 'login', { password: CANARY });
    const good = bench.hub.broker.envelopes.get(first.id)!;
    bench.hub.assign([app], [], [first]);
    const lines: string[] = [];
    await bench.start({}, { log: jsonLog('debug', (line) => lines.push(line)) });
    await received(bench, first);
    const next = await give(bench, app, 'login', { password: ROTATED });
    bench.hub.broker.envelopes.set(next.id, await spoil(bench, next, good));
    bench.hub.assign([app], [], [next]);
    const message = await eventually('the refusal', () => {
      const said = bench.hub.broker.receipts.get(first.id)?.message;
      return said?.includes('refused: ') && said;
    });
    expect(bench.hub.broker.receipts.get(first.id)).toMatchObject({ version: first.version, done: false });
    expect(await dataOf(bench, 'login')).toEqual({ password: base64(CANARY) });
    await bench.kube.request('DELETE', bench.path('secrets', 'login'));
    await eventually('the healed Secret', async () => (await dataOf(bench, 'login'))?.password === base64(CANARY));
    expect(lines.some((line) => line.includes('secret not taken'))).toBe(true);
    await expectClean(bench, lines.join(''));
    return message;
  }
  const broken = (handed: HandedOut): HandedOut => {
    const { enc, ciphertext } = JSON.parse(handed.envelope);
    const bytes = Buffer.from(ciphertext, 'base64');
    bytes[0]! ^= 1;
    return { ...handed, envelope: JSON.stringify({ enc, ciphertext: bytes.toString('base64') }) };
  };

  describe('an envelope is refused and the good one stays', () => {
    test('when it was changed on its way', async () => {
      expect(await refused((bench, next) => broken(bench.hub.broker.envelopes.get(next.id)!))).toContain('is not signed by the pinned key');
    });

    test('when it was changed and the hub itself signed that', async () => {
      const message = await refused((bench, next) => bench.hub.broker.signed(broken(bench.hub.broker.envelopes.get(next.id)!)));
      expect(message).toContain('does not open');
    });

    test('when it was sealed to another key', async () => {
      const { publicKey } = generateSealingKeyPair();
      expect(await refused((bench, next) => bench.hub.broker.seal(next, secretText(next, ROTATED), { publicKey }))).toContain(
        'does not open',
      );
    });

    test('when it is the former version under the new one’s name', async () => {
      const message = await refused((bench, next, good) => bench.hub.broker.signed({ ...good, version: next.version }));
      expect(message).toContain('does not open');
    });

    test('when it is of another version than was asked for', async () => {
      expect(await refused((_bench, _next, good) => good)).toContain('another version than was asked for');
    });

    test('when it was sealed for another grant', async () => {
      const message = await refused(async (bench, next) => {
        const other = await bench.hub.broker.seal({ ...next, id: 'f'.repeat(24) }, secretText(next, ROTATED));
        return bench.hub.broker.signed({ ...other, grant: next.id });
      });
      expect(message).toContain('does not open');
    });

    test('when it was sealed and signed for another spoke', async () => {
      const message = await refused((bench, next) => bench.hub.broker.seal(next, secretText(next, ROTATED), { spoke: 's_another' }));
      expect(message).toContain('is not signed by the pinned key');
    });

    test('when it holds something else than the Secret of its target', async () => {
      const message = await refused((bench, next) => {
        const role = JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'all' } });
        return bench.hub.broker.seal(next, role);
      });
      expect(message).toContain('holds no Secret');
    });
  });

  describe('the value of a granted secret', () => {
    test('is on no disk, in no log, in no answer and in no report', async () => {
      const bench = of();
      const app = await bench.app('silent', [bench.configMap('beside')], { syncPolicy: {} });
      const annotations = { 'example.org/rendered': CANARY };
      const grant = await give(bench, app, 'login', { password: CANARY }, { annotations });
      bench.hub.assign([app], [], [grant]);
      const lines: string[] = [];
      await bench.start({}, { log: jsonLog('debug', (line) => lines.push(line)) });
      await received(bench, grant);
      const key = `/Secret/${bench.namespace}/login`;
      await bench.kube.request('PATCH', bench.path('configmaps', 'beside'), {
        body: { data: { key: 'edited' } },
        contentType: 'application/merge-patch+json',
      });
      const body = { stringData: { password: `${CANARY}-edited` }, metadata: { annotations: { 'example.org/other': CANARY } } };
      await bench.kube.request('PATCH', bench.path('secrets', 'login'), { body, contentType: 'application/merge-patch+json' });
      for (const ask of [{ verb: 'live', resource: key }, { verb: 'tree' }, { verb: 'diff' }]) {
        const before = bench.hub.answers.length;
        bench.hub.ask({ ...ask, app: app.uid });
        await eventually(`the answer to ${ask.verb}`, () => bench.hub.answers.length > before);
      }
      bench.hub.ask({ verb: 'snapshot' });
      await eventually('the healed Secret', async () => (await dataOf(bench, 'login'))?.password === base64(CANARY));
      await expectClean(bench, lines.join(''));
    });
  });
}

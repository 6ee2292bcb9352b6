import { zstdDecompressSync } from 'node:zlib';
import { parseBundle } from '@flotilla/bundle';
import { type SignedHeader, sealedBlobContext, sealedBlobStatement } from '@flotilla/contracts';
import { canonicalJson } from '@flotilla/kernel';
import { generateSealingKeyPair, openEnvelope, verifySignature } from '@flotilla/keyring';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import type { TestAgent } from '../testing/test-agent.js';
import { applicationOf, configMap } from '../testing/test-documents.js';

let hub: OrchestratorUnderTest;
let agent: TestAgent;
const keys = generateSealingKeyPair();
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { password: 'hunter2' } };

beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
  hub.sealingKey = keys.publicKey;
  agent = await hub.cluster('one');
  hub.content = (name, commit) => [configMap(name, commit), secret];
  await hub.apply(applicationOf('app', 'one'));
  await hub.commit('c1');
  await hub.settle();
});
afterEach(() => hub.stop());

const ask = (content: object) => hub.uses.blobs({ spoke: agent.spoke, content: { session: agent.session, ...content } as never });

describe('blobs', () => {
  test('of the bundle in the document are sent, a Secret only sealed to this spoke and signed', async () => {
    const { uid, bundle } = agent.body.apps[0]!;
    const own = await ask({ app: uid, bundle, wants: [{ digest: bundle, offset: 0 }] });
    const { items } = parseBundle(zstdDecompressSync(own.bytes!).toString(), bundle);
    const { meta, bytes } = await ask({ app: uid, bundle, wants: items.map(({ digest }) => ({ digest, offset: 0 })) });
    if ('error' in meta) throw new Error(meta.error.message);
    let from = 0;
    for (const part of meta.parts) {
      const piece = bytes!.subarray(from, from + part.length);
      from += part.length;
      const item = items.find(({ digest }) => digest === part.digest)!;
      if (!part.sealed) {
        expect(JSON.parse(zstdDecompressSync(piece).toString())).toMatchObject({ kind: item.kind });
        continue;
      }
      expect(Buffer.from(piece).toString()).not.toContain('hunter2');
      expect(verifySignature(hub.keyring.signingKey, sealedBlobStatement(agent.spoke, part.digest, piece), part.sealed.signature)).toBe(
        true,
      );
      const opened = await openEnvelope(
        keys.privateKey,
        JSON.parse(Buffer.from(piece).toString()),
        sealedBlobContext(agent.spoke, part.digest),
      );
      expect(new TextDecoder().decode(opened)).toBe(canonicalJson(secret));
    }
    expect(meta.parts.map(({ sealed }) => sealed !== undefined).sort()).toEqual([false, true]);
  });

  test('that the document or the bundle does not name are refused', async () => {
    const { uid, bundle } = agent.body.apps[0]!;
    await expect(ask({ app: 'other', bundle, wants: [] })).rejects.toMatchObject({ code: 'invalid' });
    await expect(ask({ app: uid, bundle, wants: [{ digest: 'f'.repeat(64), offset: 0 }] })).rejects.toMatchObject({ code: 'invalid' });
    const other = await hub.cluster('two');
    await hub.settle();
    const foreign = hub.uses.blobs({ spoke: other.spoke, content: { session: 1, app: uid, bundle, wants: [] } });
    await expect(foreign).rejects.toMatchObject({ code: 'invalid' });
  });

  test('continue at an offset', async () => {
    const { uid, bundle } = agent.body.apps[0]!;
    const whole = await ask({ app: uid, bundle, wants: [{ digest: bundle, offset: 0 }] });
    const rest = await ask({ app: uid, bundle, wants: [{ digest: bundle, offset: 10 }] });
    expect(Buffer.from(rest.bytes!)).toEqual(Buffer.from(whole.bytes!).subarray(10));
  });
});

describe('a session', () => {
  test('that was superseded is told so, and one the row does not know yet is read from the registry', async () => {
    agent.session = 2;
    await hub.setPhase('one', 'Connected');
    const held = agent.position;
    expect(await hub.uses.desired({ spoke: agent.spoke, content: { session: 2, held } })).toEqual({ meta: { current: true } });
    await expect(hub.uses.desired({ spoke: agent.spoke, content: { session: 1 } })).rejects.toMatchObject({ code: 'superseded' });
    await expect(hub.uses.desired({ spoke: agent.spoke, content: { session: 3 } })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('of a quarantined cluster gets nothing', async () => {
    await hub.setPhase('one', 'Quarantined');
    await hub.uses.cluster({ kind: 'Cluster', namespace: '', name: 'one' });
    await expect(hub.uses.desired({ spoke: agent.spoke, content: { session: 1 } })).rejects.toMatchObject({ code: 'quarantined' });
  });
});

describe('a beat', () => {
  const beat = (rest: object) =>
    hub.uses.beat({
      spoke: agent.spoke,
      content: { session: agent.session, position: agent.position, ackedSeq: 1, apps: 1, unhealthy: 0, ...rest },
    });
  const told = async (rest: object) => {
    const before = hub.bus.told.length;
    await beat(rest);
    return hub.bus.told.slice(before).map(({ verb, content }) => [verb, (content as { verb?: string }).verb]);
  };

  test('of a spoke that is behind wakes it with its document inside', async () => {
    expect(await told({ position: undefined })).toEqual([['wake', undefined]]);
    expect(hub.bus.told.at(-1)?.content).toMatchObject({ generation: 1, document: { signed: { header: { cluster: 'one' } } } });
    expect(await told({})).toEqual([]);
  });

  test('that tells of status we do not have asks for a snapshot, and of a superseded session to stop', async () => {
    expect(await told({ ackedSeq: 99 })).toEqual([['ask', 'snapshot']]);
    agent.session = 2;
    await hub.setPhase('one', 'Connected');
    await hub.uses.cluster({ kind: 'Cluster', namespace: '', name: 'one' });
    expect(await told({ session: 1 })).toEqual([['ask', 'stop']]);
  });
});

describe('a hub that was restored from a backup', () => {
  const newer = (generation: number): SignedHeader => {
    const header = {
      fleet: 'test',
      spoke: agent.spoke,
      cluster: 'one',
      epoch: 1,
      generation,
      bodyDigest: 'a'.repeat(64),
      bodyBytes: 2,
      issuedAt: '2026-01-01T00:00:00Z',
    };
    return { header, signature: hub.keyring.sign(canonicalJson(header)) };
  };

  test('is proven by a newer header of its own key, and then overwrites nothing', async () => {
    expect(await hub.uses.position({ cluster: 'one', held: newer(9) })).toEqual({ epoch: 1, generation: 1, observe: true });
    await hub.commit('c2');
    await hub.settle();
    expect(agent.position).toEqual({ epoch: 1, generation: 1 });
    expect((await hub.application('argocd', 'app'))?.status?.conditions).toEqual([expect.objectContaining({ type: 'ObserveMode' })]);
  });

  test('is not proven by an older header, a foreign cluster or a wrong signature', async () => {
    const forged = { ...newer(9), signature: Buffer.alloc(64).toString('base64') };
    for (const held of [newer(1), forged]) expect(await hub.uses.position({ cluster: 'one', held })).toEqual({ epoch: 1, generation: 1 });
    await hub.cluster('two');
    await hub.uses.cluster({ kind: 'Cluster', namespace: '', name: 'two' });
    expect(await hub.uses.position({ cluster: 'two', held: newer(9) })).toEqual({});
  });
});

import { secretContext, secretStatement } from '@flotilla/contracts';
import { newSpokeId } from '@flotilla/kernel';
import { openEnvelope, verifySignature } from '@flotilla/keyring';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BrokerUnderTest } from '../testing/broker-under-test.js';

let world: BrokerUnderTest;
beforeEach(async () => {
  world = await BrokerUnderTest.start();
  await world.file('db.json', JSON.stringify({ username: 'shop', password: 'first', nested: { port: 5432, hosts: ['a', 'b'] } }));
  await world.clusterStore('files', { file: {} });
});
afterEach(() => world.stop());

describe('a spoke', () => {
  test('gets what its document grants, sealed to its key and signed', async () => {
    await world.external('db');
    await world.settle();
    await world.release('db');
    const version = (await world.status('db')).version!;
    const { envelopes, refused } = await world.ask({ grant: 'g-db', version });
    expect(refused).toEqual([]);
    const [{ envelope, signature }] = envelopes as [(typeof envelopes)[number]];
    expect(verifySignature(world.keyring.signingKey, secretStatement(world.spoke, 'g-db', version, envelope), signature)).toBe(true);
    const grant = { id: 'g-db', target: { namespace: 'shop', name: 'db' }, version };
    const open = (context: Record<string, string>) => openEnvelope(world.spokeKey.privateKey, JSON.parse(envelope), context);
    const secret = JSON.parse(Buffer.from(await open({ ...secretContext('test', world.spoke, grant) })).toString());
    expect(secret).toMatchObject({ kind: 'Secret', data: { password: Buffer.from('first').toString('base64') } });
    await expect(open({ ...secretContext('test', world.spoke, { ...grant, version: 'other' }) })).rejects.toThrow('does not open');
    await expect(open({ ...secretContext('test', world.spoke, { ...grant, target: { namespace: 'x', name: 'db' } }) })).rejects.toThrow();
  });

  test('gets nothing that its document does not grant, that moved on, or that has no value yet', async () => {
    await world.external('db');
    await world.external('empty', { secretStoreRef: { name: 'none', kind: 'ClusterSecretStore' } });
    await world.settle();
    await world.release('db', 'empty');
    const version = (await world.status('db')).version!;
    const { envelopes, refused } = await world.ask(
      { grant: 'g-foreign', version },
      { grant: 'g-db', version: 'f'.repeat(64) },
      { grant: 'g-empty', version },
    );
    expect(envelopes).toEqual([]);
    expect(refused.map(({ grant, code }) => [grant, code])).toEqual([
      ['g-foreign', 'not-granted'],
      ['g-db', 'moved'],
      ['g-empty', 'unavailable'],
    ]);
  });

  test('gets as much as fits one reply, and asks again for the rest', async () => {
    await world.file('big', 'x'.repeat(150_000));
    for (const name of ['a', 'b', 'c']) await world.external(name, { data: [{ secretKey: 'big', remoteRef: { key: 'big' } }] });
    await world.settle();
    await world.release('a', 'b', 'c');
    const wants = world.granted.map(({ id, version }) => ({ grant: id, version: version! }));
    const reply = await world.ask(...wants);
    expect(Buffer.byteLength(JSON.stringify(reply))).toBeLessThanOrEqual(512 * 1024);
    expect(reply.envelopes.map(({ grant }) => grant)).toEqual(['g-a']);
    expect(reply.refused).toEqual([]);
  });

  test('that the orchestrator does not know gets its refusal', async () => {
    world.bus.serve('orchestrator', 'grants', () => ({ error: { code: 'superseded', message: 'session 1 was superseded' } }));
    const reply = await world.broker.uses.secrets({ spoke: world.spoke, content: { session: 1, wants: [{ grant: 'a', version: 'b' }] } });
    expect(reply).toEqual({ error: { code: 'superseded', message: 'session 1 was superseded' } });
  });
});

test('of a whole fleet that asks at once, the orchestrator is asked about a hundred spokes each time', async () => {
  await world.external('db');
  await world.settle();
  await world.release('db');
  const version = (await world.status('db')).version!;
  const fleet = Array.from({ length: 250 }, () => newSpokeId());
  const content = { session: 1, wants: [{ grant: 'g-db', version }] };
  const replies = await Promise.all(fleet.map((spoke) => world.broker.uses.secrets({ spoke, content })));
  expect(world.herds).toEqual([100, 100, 50]);
  const grant = { id: 'g-db', target: { namespace: 'shop', name: 'db' }, version };
  for (const [i, reply] of replies.entries()) {
    if ('error' in reply) throw new Error(reply.error.message);
    const envelope = JSON.parse(reply.envelopes[0]!.envelope);
    const own = openEnvelope(world.spokeKey.privateKey, envelope, secretContext('test', fleet[i]!, grant));
    if (i % 50 === 0) expect(Buffer.from(await own).toString()).toContain(Buffer.from('first').toString('base64'));
    else await own;
    if (i % 50 === 0)
      await expect(
        openEnvelope(world.spokeKey.privateKey, envelope, secretContext('test', fleet[(i + 1) % 250]!, grant)),
      ).rejects.toThrow();
  }
});

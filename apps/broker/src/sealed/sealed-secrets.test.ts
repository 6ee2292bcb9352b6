import { X509Certificate } from 'node:crypto';
import type { ResourceDocument } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BrokerUnderTest } from '../testing/broker-under-test.js';
import { sealValue } from './sealed-data.js';

let world: BrokerUnderTest;
beforeEach(async () => {
  world = await BrokerUnderTest.start();
});
afterEach(() => world.stop());

const CANARY = 'canary-that-was-sealed';
const publicKey = async () => new X509Certificate((await world.broker.uses.sealingCert()).certificate).publicKey;
const seal = async (value: string, label: string) => sealValue(await publicKey(), Buffer.from(value), label);

function sealed(
  encryptedData: Record<string, string>,
  more: { annotations?: Record<string, string>; template?: object } = {},
): ResourceDocument {
  return {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { namespace: 'shop', name: 'db', ...(more.annotations ? { annotations: more.annotations } : {}) },
    spec: { encryptedData, ...(more.template ? { template: more.template } : {}) },
  };
}

const wide = (scope: string) => ({ [`sealedsecrets.bitnami.com/${scope}-wide`]: 'true' });

describe('a SealedSecret', () => {
  test('becomes the Secret of its template, in each scope', async () => {
    const template = {
      type: 'kubernetes.io/basic-auth',
      immutable: true,
      metadata: { labels: { app: 'shop' }, annotations: { note: 'n', ...wide('cluster') } },
      data: { dsn: 'pg://{{ .password }}@db' },
    };
    await world.grant('strict', sealed({ password: await seal(CANARY, 'shop/db') }, { template }));
    await world.grant('namespace', sealed({ password: await seal(CANARY, 'shop') }, { annotations: wide('namespace') }));
    await world.grant('cluster', sealed({ password: await seal(CANARY, '') }, { annotations: wide('cluster') }));
    await world.settle();
    expect(await world.value('strict')).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/basic-auth',
      immutable: true,
      metadata: { namespace: 'shop', name: 'db', labels: { app: 'shop' }, annotations: { note: 'n' } },
      data: { password: CANARY, dsn: `pg://${CANARY}@db` },
    });
    for (const name of ['namespace', 'cluster']) expect((await world.value(name)).data).toEqual({ password: CANARY });
  });

  test('that was sealed for another scope, by another key, changed, or is no ciphertext is told by its item', async () => {
    const good = await seal(CANARY, 'shop/db');
    const tampered = Buffer.from(good, 'base64');
    tampered[tampered.length - 1]! ^= 1;
    const other = await BrokerUnderTest.start();
    const foreign = sealValue(
      new X509Certificate((await other.broker.uses.sealingCert()).certificate).publicKey,
      Buffer.from(CANARY),
      'shop/db',
    );
    await other.stop();
    const items = {
      scope: await seal(CANARY, 'shop/other'),
      wider: await seal(CANARY, 'shop'),
      tampered: tampered.toString('base64'),
      foreign,
      undecodable: 'AgBh3...encrypted...',
      short: 'AAAA',
    };
    for (const [name, text] of Object.entries(items)) await world.grant(name, sealed({ ok: good, password: text }));
    await world.settle();
    for (const [name, text] of Object.entries(items)) {
      const { status, reason, message } = await world.ready(name);
      expect({ name, status, reason }).toEqual({ name, status: 'False', reason: 'CannotDecrypt' });
      expect(message).toContain('encryptedData.password');
      expect(message).not.toContain(text);
      expect(message).not.toContain(CANARY);
    }
    expect((await world.ready('undecodable')).message).toContain('encryptedData.password is not valid base64');
  });
});

describe('sealing keys', () => {
  test('are one for copies that start together, and rest sealed', async () => {
    const copies = [world.broker, world.copy(), world.copy()];
    const certificates = await Promise.all(copies.map(async ({ uses }) => (await uses.sealingCert()).certificate));
    expect(new Set(certificates).size).toBe(1);
    const rows = await world.database.query<{ sealed_key: string }>('SELECT * FROM broker.sealing_keys');
    expect(rows).toHaveLength(1);
    expect(rows[0]!.sealed_key).toMatch(/^v1\./);
    expect(JSON.stringify(rows)).not.toContain('PRIVATE KEY');
  });

  test('are renewed after 30 days: the newest seals, all open, after a restart too', async () => {
    const old = await seal(CANARY, 'shop/db');
    const first = (await world.broker.uses.sealingCert()).certificate;
    await world.broker.uses.renewKeys();
    expect((await world.broker.uses.sealingCert()).certificate).toBe(first);
    world.clock.advance(30 * 86_400_000);
    await world.broker.uses.renewKeys();
    world.restart();
    expect((await world.broker.uses.sealingCert()).certificate).not.toBe(first);
    await world.grant('old', sealed({ password: old }));
    await world.grant('new', sealed({ password: await seal('new', 'shop/db') }));
    await world.settle();
    expect((await world.value('old')).data).toEqual({ password: CANARY });
    expect((await world.value('new')).data).toEqual({ password: 'new' });
  });
});

describe('kubeseal is answered', () => {
  test('whether a SealedSecret opens', async () => {
    const { verifySealed } = world.broker.uses;
    const text = JSON.stringify(sealed({ password: await seal(CANARY, 'shop/db') }));
    expect(await verifySealed({ text })).toEqual({ valid: true });
    const moved = text.replace('"db"', '"elsewhere"');
    expect(await verifySealed({ text: moved })).toMatchObject({
      valid: false,
      message: expect.stringContaining('strict scope shop/elsewhere'),
    });
    await expect(verifySealed({ text: 'kind: Secret' })).rejects.toThrow('no SealedSecret');
  });

  test('with a SealedSecret to the newest key in the scope it had, whatever its template says', async () => {
    const { verifySealed, rotateSealed, renewKeys } = world.broker.uses;
    const template = { metadata: { annotations: wide('cluster') } };
    const text = JSON.stringify(sealed({ password: await seal(CANARY, 'shop/db') }, { template }));
    world.clock.advance(31 * 86_400_000);
    await renewKeys();
    const rotated = JSON.parse((await rotateSealed({ text })).text) as ReturnType<typeof sealed> & { spec: { encryptedData: object } };
    expect(rotated.spec.encryptedData).not.toEqual((JSON.parse(text) as typeof rotated).spec.encryptedData);
    expect(await verifySealed({ text: JSON.stringify(rotated) })).toEqual({ valid: true });
    for (const scope of ['cluster', 'namespace']) {
      const widened = { ...rotated, metadata: { ...rotated.metadata, annotations: wide(scope) } };
      expect(await verifySealed({ text: JSON.stringify(widened) })).toMatchObject({ valid: false });
    }
    await expect(rotateSealed({ text: text.replace('"db"', '"elsewhere"') })).rejects.toThrow('no key could decrypt');
  });
});

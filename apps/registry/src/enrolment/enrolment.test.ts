import { ENROL_TIMEOUT_MS } from '@flotilla/contracts';
import { generateNkey, generateSealingKeyPair, readNatsJwt } from '@flotilla/keyring';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hello, RegistryUnderTest, testKeyring } from '../testing/registry-under-test.js';

let registry: RegistryUnderTest;

beforeAll(async () => {
  registry = await RegistryUnderTest.start();
});
afterAll(() => registry?.stop());

const phase = (name: string, wanted: string) =>
  waitFor(`cluster ${name} to be ${wanted}`, async () => (await registry.cluster(name))?.status?.phase === wanted, 8_000);

describe('enrolment', () => {
  it('gives an agent its identity for a token, once, and the same again to the same key', async () => {
    const token = await registry.createToken({ cluster: 'one', labels: { env: 'dev' }, project: 'team' });
    const agent = await registry.enrol(token.token);
    expect(agent.enrolled).toMatchObject({
      cluster: 'one',
      fleet: 'test',
      accepted: true,
      signingKey: testKeyring.signingKey,
      natsUrls: [registry.natsUrl],
    });
    expect((await registry.enrol(token.token, agent.nkey)).enrolled.spokeId).toBe(agent.enrolled.spokeId);
    await expect(registry.enrol(token.token)).rejects.toMatchObject({ code: 'token-refused' });
    expect(await registry.cluster('one')).toMatchObject({
      metadata: { labels: { env: 'dev' } },
      spec: { spokeId: agent.enrolled.spokeId, accepted: true, project: 'team' },
    });
    const { tokens } = await registry.bus.ask<{ tokens: { name: string; used: number }[] }>('registry', 'listTokens', {});
    expect(tokens).toContainEqual(expect.objectContaining({ name: token.name, used: 1, uses: 1 }));
    expect(JSON.stringify(tokens)).not.toContain('Digest');
  });

  it('takes in a fleet that comes up at once, each in its turn', async () => {
    const { token } = await registry.createToken({ uses: 330, autoAccept: true });
    const { publicKey: sealingKey } = generateSealingKeyPair();
    const enrol = () => {
      const request = { token, publicNkey: generateNkey('user').publicKey, sealingKey };
      return registry.bus.ask<{ spokeId: string }>('registry', 'enrol', request, { timeoutMs: ENROL_TIMEOUT_MS });
    };
    const enrolled = await Promise.all(Array.from({ length: 330 }, enrol));
    expect(new Set(enrolled.map(({ spokeId }) => spokeId)).size).toBe(330);
    await expect(enrol()).rejects.toMatchObject({ code: 'token-refused' });
  });

  it('refuses a second agent for a cluster, a wrong token and malformed keys', async () => {
    await registry.addCluster('taken');
    await expect(registry.addCluster('taken')).rejects.toMatchObject({ code: 'conflict' });
    await expect(registry.enrol('nonsense')).rejects.toMatchObject({ code: 'token-refused' });
    const request = { token: 'x', publicNkey: 'U', sealingKey: generateSealingKeyPair().publicKey };
    await expect(registry.bus.ask('registry', 'enrol', request)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('lets the agents of a multi-use token wait until a person accepts each', async () => {
    const { token } = await registry.createToken({ uses: 2 });
    const agent = await registry.enrol(token, undefined, { name: 'edge-1' });
    expect(agent.enrolled).toMatchObject({ accepted: false, cluster: 'edge-1' });
    const spoke = await registry.dial(agent);
    expect(await hello(spoke)).toMatchObject({ error: { code: 'pending' } });
    await phase('edge-1', 'Pending');
    await registry.bus.ask('registry', 'accept', { cluster: 'edge-1' });
    expect((await hello(spoke)).session).toBeGreaterThan(0);
    await phase('edge-1', 'Connected');
    await spoke.close();
  });

  it('renews by the key alone and refuses a foreign signature', async () => {
    const { nkey, enrolled } = await registry.addCluster('renewing');
    const issuedAt = 12345;
    const signature = nkey.sign(`${enrolled.spokeId}.${issuedAt}`).toString('base64');
    const renewed = await registry.bus.ask<{ userJwt: string }>('registry', 'renew', { spokeId: enrolled.spokeId, issuedAt, signature });
    expect(readNatsJwt(renewed.userJwt)?.sub).toBe(nkey.publicKey);
    const foreign = generateNkey('user').sign(`${enrolled.spokeId}.${issuedAt}`).toString('base64');
    await expect(registry.bus.ask('registry', 'renew', { spokeId: enrolled.spokeId, issuedAt, signature: foreign })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(registry.bus.ask('registry', 'renew', { spokeId: 'x', issuedAt, signature })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('cuts a revoked agent and never lets it back', async () => {
    const agent = await registry.addCluster('revoking');
    const spoke = await registry.dial(agent);
    expect(await registry.bus.ask('registry', 'revoke', { cluster: 'revoking' })).toEqual({ cluster: 'revoking', isCut: true });
    await spoke.cut();
    await phase('revoking', 'Revoked');
    await expect(registry.dial(agent)).rejects.toThrow(/authorization/i);
    const signature = agent.nkey.sign(`${agent.enrolled.spokeId}.1`).toString('base64');
    await expect(registry.bus.ask('registry', 'renew', { spokeId: agent.enrolled.spokeId, issuedAt: 1, signature })).rejects.toMatchObject({
      code: 'revoked',
    });
    expect((await registry.addCluster('revoking')).enrolled.spokeId).not.toBe(agent.enrolled.spokeId);
  });
});

describe('a cluster that is removed', () => {
  it.each([
    ['by the verb', () => registry.bus.ask('registry', 'remove', { cluster: 'removing' })],
    [
      'by deleting its document',
      () => registry.platform.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Cluster', namespace: '', name: 'removing' })),
    ],
  ])('takes its agent with it: %s', async (_how, remove) => {
    const agent = await registry.addCluster('removing');
    const spoke = await registry.dial(agent);
    await hello(spoke);
    await remove();
    await spoke.cut();
    expect(await registry.cluster('removing')).toBeUndefined();
    await expect(registry.dial(agent)).rejects.toThrow(/authorization/i);
  });
});

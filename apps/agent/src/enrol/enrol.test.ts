import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@flotilla/kernel';
import { generateNkey, verifyNkey } from '@flotilla/keyring';
import { type CertificatePair, certificateDigest, createAuthority, issueServerCertificate } from '@flotilla/tls';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClusterClient } from '../cluster/cluster.client.js';
import { AgentState } from '../state/agent-state.js';
import { FakeStateStore } from '../state/state.store.fake.js';
import { enrolSpoke, expiryOf, renewIdentity } from './enrol-spoke.js';
import { parseJoinToken } from './join-token.js';
import { obtainIdentity } from './obtain-identity.js';

const KEY = Buffer.alloc(32, 7).toString('base64');
const tokenText = (value: unknown): string => `flt1.${Buffer.from(JSON.stringify(value)).toString('base64url')}`;

describe('enrolment', () => {
  let authority: CertificatePair;
  let server: Server;
  let hub: string;
  let asked: { path: string; body: Record<string, string> }[] = [];
  let answer: { status: number; body: unknown };
  beforeAll(async () => {
    authority = await createAuthority('test hub', Date.now());
    const own = await issueServerCertificate(authority, ['127.0.0.1'], Date.now());
    server = createServer({ key: own.key, cert: `${own.certificate}\n${authority.certificate}` }, (request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      request.on('end', () => {
        asked.push({ path: request.url ?? '', body: JSON.parse(text) });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    hub = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const reply = { spokeId: 's_x', cluster: 'c', fleet: 'f', natsUrls: ['tls://h:4222'], userJwt: 'a.b.c', signingKey: KEY, accepted: true };
  beforeEach(() => {
    asked = [];
    answer = { status: 200, body: reply };
  });
  const token = (more: Record<string, unknown> = {}): string =>
    tokenText({ v: 1, hub, ca: certificateDigest(authority.certificate), key: KEY, token: 'secret', ...more });

  test('hands in public keys alone, over the pinned certificate, and gets an identity', async () => {
    const identity = await enrolSpoke(token(), 'cluster-uid');
    expect(identity).toMatchObject({ spokeId: 's_x', fleet: 'f', signingKey: KEY, hubUrl: hub });
    expect(certificateDigest(identity.hubCa)).toBe(certificateDigest(authority.certificate));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ path: '/v1/spokes/enroll', body: { token: 'secret', clusterUid: 'cluster-uid' } });
    expect(JSON.stringify(asked)).not.toContain(identity.nkeySeed);
    expect(JSON.stringify(asked)).not.toContain(identity.sealingPrivateKey);
  });

  test('sends nothing to a hub that does not show the pinned certificate', async () => {
    await expect(enrolSpoke(token({ ca: 'f'.repeat(64) }), 'uid')).rejects.toThrow('does not show the certificate');
    expect(asked).toEqual([]);
  });

  test('refuses a hub that signs with another key, and tells the hub’s reason for a refusal', async () => {
    answer.body = { ...reply, signingKey: Buffer.alloc(32, 8).toString('base64') };
    await expect(enrolSpoke(token(), 'uid')).rejects.toThrow('signs with another key');
    answer = { status: 403, body: { error: { code: 'forbidden', message: 'the token was used' } } };
    await expect(enrolSpoke(token(), 'uid')).rejects.toThrow('the token was used');
    answer = { status: 503, body: {} };
    await expect(enrolSpoke(token(), 'uid')).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('asks with the same keys again when an answer was lost, also after its own end, and with new ones for another token', async () => {
    const store = new FakeStateStore();
    const obtain = (joinToken: string) => {
      const state = new AgentState(store, () => undefined);
      const client = { get: async () => undefined } as unknown as ClusterClient;
      return obtainIdentity({ state, backup: undefined, client, joinToken, clock: systemClock, log: () => undefined });
    };
    answer.body = { error: { code: 'forbidden', message: 'stop here' } };
    await expect(obtain(token())).rejects.toThrow('stop here');
    await expect(obtain(token({ token: 'other' }))).rejects.toThrow('stop here');
    await expect(obtain(token({ token: 'other' }))).rejects.toThrow('stop here');
    const [first, other, again] = asked.map(({ body }) => body.publicNkey);
    expect(again).toBe(other);
    expect(other).not.toBe(first);
    answer.body = reply;
    await obtain(token({ token: 'other' }));
    expect(asked[3]?.body.publicNkey).toBe(other);
    expect(await store.read('enrolment')).toBeUndefined();
  });

  test('is renewed with a signature of the nkey', async () => {
    const nkey = generateNkey('user');
    const identity = { ...(await enrolSpoke(token(), 'uid')), nkeySeed: nkey.seed };
    answer.body = { userJwt: 'x.y.z', natsUrls: ['tls://other:4222'] };
    expect(await renewIdentity(identity, 1234)).toMatchObject({ userJwt: 'x.y.z', natsUrls: ['tls://other:4222'] });
    const { spokeId, signature } = asked[1]!.body;
    expect(spokeId).toBe('s_x');
    expect(verifyNkey(nkey.publicKey, 's_x.1234', Buffer.from(signature ?? '', 'base64'))).toBe(true);
    answer.body = { error: { code: 'revoked', message: 'revoked' } };
    await expect(renewIdentity(identity, 1)).rejects.toThrow('revoked');
  });
});

describe('a join token', () => {
  const good = { v: 1, hub: 'https://h:1', ca: 'a'.repeat(64), key: KEY, token: 's' };
  test('reads back, and every broken one is refused without being shown', () => {
    expect(parseJoinToken(tokenText({ ...good, name: 'dev' }))).toEqual({ hub: good.hub, ca: good.ca, key: KEY, token: 's', name: 'dev' });
    const broken = [
      'abc',
      'flt1.!!',
      tokenText([]),
      tokenText({ ...good, v: 2 }),
      tokenText({ ...good, hub: 'http://h' }),
      tokenText({ ...good, ca: 'x' }),
      tokenText({ ...good, key: 'x' }),
      tokenText({ ...good, token: '' }),
    ];
    for (const text of broken) expect(() => parseJoinToken(text)).toThrow(/^the join token is not usable/);
  });

  test('is followed by a credential whose end is read from its JWT', () => {
    const claims = Buffer.from(JSON.stringify({ exp: 1000 })).toString('base64url');
    expect(expiryOf(`h.${claims}.s`)).toBe(1_000_000);
    expect(expiryOf(`h.${Buffer.from('{}').toString('base64url')}.s`)).toBeUndefined();
  });
});

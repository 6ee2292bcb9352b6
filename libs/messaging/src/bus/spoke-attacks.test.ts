import { spokeInbox, spokeSubject } from '@flotilla/contracts';
import { newSpokeId, systemClock } from '@flotilla/kernel';
import { createKeyring, generateNkey } from '@flotilla/keyring';
import { silentLogger } from '@flotilla/telemetry';
import { type NatsServer, natsServersAtHand, startNats, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AccountPusher, connectHub, type HubLinks, NatsTrust, natsServerConfig, type RunningRoutes, serveRoutes } from '../index.js';
import { TestSpoke } from './test-spoke.js';

const servers = natsServersAtHand();

it('finds a nats-server to be attacked', () => expect(servers).not.toHaveLength(0));

describe.each(servers)('nats-server $version', (binary) => {
  const trust = new NatsTrust(createKeyring(new Uint8Array(32).fill(3)));
  const a = newSpokeId();
  const b = newSpokeId();
  const helloed: { spoke: string; content: unknown }[] = [];
  let revoked: Record<string, number> = {};
  let nats: NatsServer;
  let links: HubLinks;
  let routes: RunningRoutes;
  let pusher: AccountPusher;
  let spokeA: TestSpoke;
  let spokeB: TestSpoke;

  beforeAll(async () => {
    nats = await startNats({ binary, config: ({ port, dir }) => natsServerConfig({ trust, port, storeDir: dir }) });
    const address = { servers: [nats.url] };
    links = await connectHub({ service: 'registry', address, trust, logger: silentLogger });
    const hello = z.object({ n: z.number() });
    routes = await serveRoutes({
      links,
      logger: silentLogger,
      routes: [{ spoke: 'hello', request: hello, reply: z.object({ welcome: z.string() }), use: 'hello' }],
      uses: {
        hello: (message: { spoke: string; content: unknown }) => {
          helloed.push(message);
          return { welcome: message.spoke };
        },
      },
    });
    pusher = new AccountPusher({ address, trust, logger: silentLogger, clock: systemClock, revocations: async () => revoked });
    await pusher.start();
    spokeA = await TestSpoke.connect({ url: nats.url, spoke: a, trust });
    spokeB = await TestSpoke.connect({ url: nats.url, spoke: b, trust });
  });

  afterAll(async () => {
    await Promise.all([spokeA?.close(), spokeB?.close()]);
    await routes?.stop();
    await pusher?.stop();
    await links?.close();
    await nats?.stop();
  });

  /** A round trip after which everything sent before has had its effect. */
  const settle = async (): Promise<void> => {
    await spokeA.connection.flush();
    expect(await spokeA.request('hello', { n: 0 })).toEqual({ welcome: a });
    await spokeB.connection.flush();
  };

  it('answers a spoke in its own inbox', async () => {
    expect(await spokeB.request('hello', { n: 1 })).toEqual({ welcome: b });
  });

  it("drops a request whose reply subject is not below the asking spoke's own inbox", async () => {
    const heard = [spokeB.hear(`${spokeInbox(b)}.stolen`), spokeB.hear(spokeSubject(b, 'wake')), spokeA.hear(`${spokeInbox(a)}.mine`)];
    await spokeB.connection.flush();
    const before = helloed.length;
    const targets = [`${spokeInbox(b)}.stolen`, spokeSubject(b, 'wake'), '_INBOX.registry.x', `${spokeInbox(a)}`, `${spokeInbox(a)}x.y`];
    for (const reply of targets) spokeA.publish(spokeSubject(a, 'hello'), { n: 2 }, { reply });
    spokeA.publish(spokeSubject(a, 'hello'), { n: 3 }, { reply: `${spokeInbox(a)}.mine` });
    await waitFor('the honest request to be answered', () => heard[2]?.length === 1);
    await settle();
    expect(heard.slice(0, 2).flat()).toEqual([]);
    expect(helloed.slice(before).map(({ content }) => content)).toEqual([{ n: 3 }, { n: 0 }]);
  });

  it('denies speaking as another spoke, whatever the payload or headers claim', async () => {
    const before = helloed.length;
    for (const verb of ['hello', 'beat', 'status'] as const) spokeA.publish(spokeSubject(b, verb), { n: 4 });
    spokeA.publish(
      spokeSubject(a, 'hello'),
      { n: 5, spoke: b },
      { reply: `${spokeInbox(a)}.z`, header: ['Nats-Request-Info', `{"user":"${b}"}`] },
    );
    await settle();
    expect(helloed.slice(before).map(({ spoke }) => spoke)).toEqual([a, a]);
    await waitFor('three violations', () => spokeA.complaints.filter((text) => /publish/i.test(text)).length >= 3);
  });

  it.each([
    ['another spoke', () => `flotilla.v1.spoke.${b}.>`],
    ["another spoke's inbox", () => `${spokeInbox(b)}.>`],
    ["another spoke's doorbell", () => spokeSubject(b, 'wake')],
    ['every spoke', () => 'flotilla.v1.spoke.*.wake'],
    ['a prefix of ids', () => 'flotilla.v1.spoke.>'],
    ['everything', () => '>'],
    ['the shared inbox', () => '_INBOX.>'],
    ['the system account', () => '$SYS.>'],
    ['the JetStream API', () => '$JS.API.>'],
    ['events of the hub', () => 'flotilla.v1.event.>'],
    ['its own requests, as the hub would', () => spokeSubject(a, 'hello')],
  ])('denies listening to %s, also in a queue', async (_what, subject) => {
    const before = spokeA.complaints.length;
    const heard = [spokeA.hear(subject()), spokeA.hear(subject(), 'registry')];
    await waitFor('two violations', () => spokeA.complaints.length >= before + 2);
    links.spokes?.connection.publish(spokeSubject(b, 'wake'), '{}');
    await spokeB.request('hello', { n: 6 });
    await settle();
    expect(heard.flat()).toEqual([]);
  });

  it.each([
    '$SYS.REQ.CLAIMS.UPDATE',
    '$SYS.REQ.SERVER.PING',
    '$JS.API.INFO',
    'flotilla.v1.hub.registry.enrol',
    'flotilla.v1.event.changes.moved',
    '_INBOX.registry.1',
    'flotilla.v1.spoke.*.wake',
  ])('denies publishing to %s', async (subject) => {
    const before = spokeA.complaints.length;
    try {
      spokeA.publish(subject, { n: 7 }, { header: ['Nats-Trace-Dest', spokeSubject(b, 'wake')] });
    } catch {
      return; // the client refuses a wildcard itself
    }
    await waitFor('a violation', () => spokeA.complaints.length > before);
  });

  it('does not redirect a trace of an allowed message onto another spoke', async () => {
    const heard = spokeB.hear(spokeSubject(b, 'wake'));
    await spokeB.connection.flush();
    spokeA.publish(spokeSubject(a, 'beat'), { n: 8 }, { header: ['Nats-Trace-Dest', spokeSubject(b, 'wake')] });
    await settle();
    expect(heard).toEqual([]);
  });

  it('refuses a stolen credential without its key, and one signed by somebody else', async () => {
    const owner = generateNkey('user');
    const nowSeconds = Math.floor(Date.now() / 1000);
    const jwt = trust.spokeJwt(a, owner.publicKey, nowSeconds, nowSeconds + 60);
    const connectAs = (credential: { jwt: string; nkey: typeof owner }) => TestSpoke.connect({ url: nats.url, spoke: a, credential });
    await expect(connectAs({ jwt, nkey: generateNkey('user') })).rejects.toThrow(/authorization/i);
    const foreign = new NatsTrust(createKeyring(new Uint8Array(32).fill(4)));
    await expect(connectAs({ jwt: foreign.spokeJwt(a, owner.publicKey, nowSeconds, nowSeconds + 60), nkey: owner })).rejects.toThrow(
      /authorization/i,
    );
    await expect(connectAs({ jwt: trust.spokeJwt(a, owner.publicKey, nowSeconds - 9, nowSeconds - 1), nkey: owner })).rejects.toThrow();
  });

  it('cuts a revoked spoke, refuses it ever after and leaves the others', async () => {
    const nkey = generateNkey('user');
    const nowSeconds = Math.floor(Date.now() / 1000);
    const credential = { nkey, jwt: trust.spokeJwt(b, nkey.publicKey, nowSeconds, nowSeconds + 60) };
    const stolen = await TestSpoke.connect({ url: nats.url, spoke: b, credential });
    revoked = { [nkey.publicKey]: nowSeconds };
    await pusher.push();
    await stolen.cut();
    await expect(TestSpoke.connect({ url: nats.url, spoke: b, credential })).rejects.toThrow(/authorization/i);
    await settle();
  });

  it('is whole again after kill -9 and a wiped directory, revocations included', async () => {
    const nkey = generateNkey('user');
    const nowSeconds = Math.floor(Date.now() / 1000);
    const credential = { nkey, jwt: trust.spokeJwt(b, nkey.publicKey, nowSeconds, nowSeconds + 60) };
    revoked = { ...revoked, [nkey.publicKey]: nowSeconds };
    await nats.kill();
    nats.wipe();
    await nats.restart();
    await Promise.all([spokeA.close(), spokeB.close()]);
    spokeA = await waitFor('a spoke to connect', () => TestSpoke.connect({ url: nats.url, spoke: a, trust }));
    spokeB = await TestSpoke.connect({ url: nats.url, spoke: b, trust });
    await waitFor('the registry to answer again', () => spokeA.request('hello', { n: 9 }, 500));
    await waitFor('the revocation to be back', () =>
      TestSpoke.connect({ url: nats.url, spoke: b, credential }).then(
        (spoke) => spoke.close().then(() => false),
        () => true,
      ),
    );
    await settle();
  });
});

import { META_HEADER, spokeInbox, spokeSubject } from '@flotilla/contracts';
import { newSpokeId } from '@flotilla/kernel';
import { generateNkey } from '@flotilla/keyring';
import { type NatsServer, startNats, waitFor } from '@flotilla/testkit';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../log.js';
import { NatsHubLink } from './hub.link.nats.js';

describe('the line to the hub over NATS', () => {
  const spokeId = newSpokeId();
  let server: NatsServer;
  let hub: NatsConnection;
  let link: NatsHubLink;
  beforeEach(async () => {
    server = await startNats();
    hub = await connect({ servers: server.url });
    const nkeySeed = generateNkey('user').seed;
    link = await NatsHubLink.connect({ spokeId, urls: [server.url], userJwt: () => 'a.b.c', nkeySeed, log: silentLog });
  });
  afterEach(async () => {
    await link?.close();
    await hub?.close();
    await server?.stop();
  });

  test('asks below its own prefix, takes replies in its own inbox, and reads both kinds of reply', async () => {
    const replies: string[] = [];
    hub.subscribe(spokeSubject(spokeId, 'desired'), {
      callback: (_error, message) => {
        replies.push(message.reply ?? '');
        const meta = headers();
        meta.set(META_HEADER, JSON.stringify({ current: true }));
        message.respond(Buffer.from([1, 2, 3]), { headers: meta });
      },
    });
    hub.subscribe(spokeSubject(spokeId, 'status'), { callback: (_error, message) => void message.respond(JSON.stringify({ seq: 7 })) });
    await hub.flush();
    const binary = await link.request('desired', { session: 1 });
    expect(binary.meta).toEqual({ current: true });
    expect([...binary.bytes]).toEqual([1, 2, 3]);
    expect((await link.request('status', { session: 1 })).meta).toEqual({ seq: 7 });
    expect(replies[0]?.startsWith(`${spokeInbox(spokeId)}.`)).toBe(true);
  });

  test('says unavailable when nobody answers', async () => {
    await expect(link.request('hello', {}, { timeoutMs: 200 })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('hears wake and ask, survives what is no JSON, and answers below its own prefix', async () => {
    const heard: unknown[] = [];
    const answers: unknown[] = [];
    let connections = 0;
    link.listen({
      wake: (content) => heard.push(['wake', content]),
      ask: (content) => {
        heard.push(['ask', content]);
        link.answer('tok', 0, { n: 0, last: true, content: null });
        link.answer('evil.token', 0, { n: 0, last: true, content: null });
      },
      connected: () => connections++,
      disconnected: () => {},
    });
    hub.subscribe(`flotilla.v1.spoke.${spokeId}.answer.>`, { callback: (_error, message) => void answers.push(message.subject) });
    await hub.flush();
    await waitFor('the subscriptions to be in place', () => {
      hub.publish(spokeSubject(spokeId, 'wake'), '{"epoch":1,"generation":1}');
      return heard.length > 0;
    });
    hub.publish(spokeSubject(spokeId, 'ask'), 'no json');
    hub.publish(spokeSubject(spokeId, 'ask'), '{"token":"tok","verb":"refresh"}');
    await waitFor('the answer', () => answers.length > 0);
    expect(answers).toEqual([`flotilla.v1.spoke.${spokeId}.answer.tok.0`]);
    expect(connections).toBe(1);
  });
});

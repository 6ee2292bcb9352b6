import { newSpokeId } from '@flotilla/kernel';
import { createKeyring, generateNkey } from '@flotilla/keyring';
import { fromPublic, fromSeed } from '@nats-io/nkeys';
import { describe, expect, it } from 'vitest';
import { spokePermissions, spokesPermissions } from './nats-permissions.js';
import { natsServerConfig } from './nats-server-config.js';
import { NatsTrust } from './nats-trust.js';
import { checkNatsVersion } from './nats-version.js';

describe('checkNatsVersion', () => {
  it.each(['2.12.12', '2.12.13', '2.14.3', '2.15.2', '3.0.0'])('is content with %s', (version) => {
    expect(checkNatsVersion(version)).toBeUndefined();
  });
  it.each(['2.9.10', '2.10.27', '2.12.11', '2.13.9', '2.14.2'])('warns about %s', (version) => {
    expect(checkNatsVersion(version)).toContain(version);
  });
  it.each(['2.9.9', '1.4.1', 'latest'])('refuses %s', (version) => expect(() => checkNatsVersion(version)).toThrow(version));
});

describe('permissions', () => {
  it('give a spoke exactly what DESIGN section 4 lists', () => {
    const spoke = newSpokeId();
    const own = (rest: string) => `flotilla.v1.spoke.${spoke}.${rest}`;
    const { publish, subscribe } = spokePermissions(spoke);
    expect([...publish].sort()).toEqual(['answer.>', 'beat', 'blobs', 'desired', 'hello', 'secrets', 'status'].map(own));
    expect([...subscribe].sort()).toEqual(['ask', 'inbox.>', 'wake'].map(own));
  });

  it('give no service of the hub a spoke-facing subject its part does not need', () => {
    expect(spokesPermissions('expander')).toBeUndefined();
    expect(spokesPermissions('renderer')).toBeUndefined();
    expect(spokesPermissions('gateway')?.publish).toEqual(['flotilla.v1.spoke.*.ask']);
    expect(JSON.stringify(spokesPermissions('registry'))).not.toMatch(/status|desired|blobs|\$/);
  });
});

describe('natsServerConfig', () => {
  const trust = new NatsTrust(createKeyring(new Uint8Array(32)));

  it('has three accounts and none of JetStream, websocket, monitoring or a default user', () => {
    const config = natsServerConfig({ trust, port: 4222, storeDir: '/var/lib/a "b"\\c' });
    expect(config).toContain('listen: "127.0.0.1:4222"');
    expect(config).toContain('dir: "/var/lib/a \\"b\\"\\\\c"');
    expect(config.match(/^ {2}A[A-Z2-7]{55}: ey/gm)).toHaveLength(3);
    expect(config).not.toMatch(/jetstream|websocket|http|no_auth_user|mqtt|leafnodes/);
  });

  it('opens further listeners only when asked, websocket only with TLS', () => {
    const tls = { certFile: '/c.pem', keyFile: '/k.pem' };
    expect(() => natsServerConfig({ trust, port: 1, websocketPort: 443 })).toThrow('needs tls');
    const config = natsServerConfig({ trust, port: 1, host: '0.0.0.0', tls, websocketPort: 443, monitoringPort: 8222 });
    expect(config).toContain('websocket { listen: "0.0.0.0:443", tls { cert_file: "/c.pem"');
    expect(config).toContain('http: "127.0.0.1:8222"');
    expect(config).toContain('resolver: MEMORY');
    expect(() => natsServerConfig({ trust, port: 1, serverName: 'a\njetstream: true' })).toThrow('line break');
  });

  it('is the same text for the same master key, so that an external server can be set up once', () => {
    expect(natsServerConfig({ trust: new NatsTrust(createKeyring(new Uint8Array(32))), port: 1 })).toBe(
      natsServerConfig({ trust, port: 1 }),
    );
  });
});

describe('our nkeys', () => {
  it.each(['operator', 'account', 'user'] as const)('of an %s agree with the NATS library in public key and signature', (kind) => {
    const key = generateNkey(kind);
    const library = fromSeed(new TextEncoder().encode(key.seed));
    expect(library.getPublicKey()).toBe(key.publicKey);
    expect(fromPublic(key.publicKey).verify(new TextEncoder().encode('nonce'), key.sign('nonce'))).toBe(true);
  });
});

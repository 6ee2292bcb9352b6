import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidInputError } from '@flotilla/kernel';
import { afterAll, describe, expect, it } from 'vitest';
import { createKeyring, loadOrCreateMasterKey, parseMasterKey, verifySignature } from './index.js';

const keyring = createKeyring(new Uint8Array(32).fill(7));
const context = { kind: 'Secret', name: 'argocd/repo', key: 'password' };
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);

describe('MasterKeyring', () => {
  it('opens what it sealed, and seals equal values to different text', () => {
    const sealed = keyring.seal(bytes('hunter2'), context);
    expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]+$/);
    expect(text(keyring.open(sealed, context))).toBe('hunter2');
    expect(keyring.seal(bytes('hunter2'), context)).not.toBe(sealed);
    expect(text(keyring.open(keyring.seal(bytes(''), {}), {}))).toBe('');
  });

  it('refuses a value moved to another place, changed in any byte, cut, or sealed under another master key', () => {
    const sealed = keyring.seal(bytes('hunter2'), context);
    expect(() => keyring.open(sealed, { ...context, name: 'argocd/other' })).toThrow(InvalidInputError);
    const [version, id, body] = sealed.split('.') as [string, string, string];
    const raw = Buffer.from(body, 'base64url');
    for (let i = 0; i < raw.length; i++) {
      const changed = Buffer.from(raw);
      changed[i] = changed[i]! ^ 1;
      expect(() => keyring.open(`${version}.${id}.${changed.toString('base64url')}`, context)).toThrow(InvalidInputError);
    }
    expect(() => keyring.open(`${version}.${id}.${body.slice(0, 10)}`, context)).toThrow('cut short');
    expect(() => keyring.open('hunter2', context)).toThrow('not in form v1');
    expect(() => createKeyring(new Uint8Array(32).fill(8)).open(sealed, context)).toThrow('under master key');
  });

  it('never names the value in an error', () => {
    const error = (() => {
      try {
        keyring.open('v1.hunter2', context);
      } catch (caught) {
        return caught as Error;
      }
      throw new Error('opened');
    })();
    expect(error.message).not.toContain('hunter2');
    expect(error.message).toContain('argocd/repo');
  });

  it('derives the same keys from the same master key, and others for other purposes', () => {
    const again = createKeyring(new Uint8Array(32).fill(7));
    expect(again.signingKey).toBe(keyring.signingKey);
    expect(again.hmac('blob', 'x')).toBe(keyring.hmac('blob', 'x'));
    expect(keyring.hmac('other', 'x')).not.toBe(keyring.hmac('blob', 'x'));
    expect(again.nkey('account', 'hub').publicKey).toBe(keyring.nkey('account', 'hub').publicKey);
    expect(keyring.nkey('account', 'spokes').publicKey).not.toBe(keyring.nkey('account', 'hub').publicKey);
    expect(() => createKeyring(new Uint8Array(16))).toThrow('16 bytes');
  });

  it('signs what the pinned key verifies, and nothing else verifies', () => {
    const signature = keyring.sign('header');
    expect(verifySignature(keyring.signingKey, 'header', signature)).toBe(true);
    expect(verifySignature(keyring.signingKey, 'heade', signature)).toBe(false);
    expect(verifySignature(createKeyring(new Uint8Array(32)).signingKey, 'header', signature)).toBe(false);
    expect(verifySignature('short', 'header', signature)).toBe(false);
    // More keys than are remembered, and each only for what it signed.
    const others = Array.from({ length: 40 }, (_, i) => createKeyring(new Uint8Array(32).fill(100 + i)));
    for (const _ of [1, 2]) {
      expect(others.every((one) => verifySignature(one.signingKey, 'header', one.sign('header')))).toBe(true);
      expect(others.some((one) => verifySignature(one.signingKey, 'header', signature))).toBe(false);
    }
    expect(verifySignature(keyring.signingKey, 'header', '')).toBe(false);
  });
});

describe('loadOrCreateMasterKey', () => {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-keyring-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('makes the file once, readable by its owner only, and reads it ever after', () => {
    const path = join(dir, 'deep', 'master.key');
    const key = loadOrCreateMasterKey(path);
    expect(key).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(loadOrCreateMasterKey(path)).toEqual(key);
  });

  it('never replaces a damaged file', () => {
    const path = join(dir, 'damaged.key');
    writeFileSync(path, 'not a key');
    expect(() => loadOrCreateMasterKey(path)).toThrow(path);
    expect(readFileSync(path, 'utf8')).toBe('not a key');
    expect(() => parseMasterKey('c2VjcmV0', 'FLOTILLA_MASTER_KEY')).toThrow(/FLOTILLA_MASTER_KEY does not hold(?!.*c2VjcmV0)/);
  });
});

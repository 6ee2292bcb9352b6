import { createKeyring } from '@flotilla/keyring';
import { describe, expect, test } from 'vitest';
import { contextOf, MASK, maskSecret, sealSecretData } from './secret-sealing.js';

const keyring = createKeyring(Buffer.alloc(32, 7));
const base64 = (text: string) => Buffer.from(text).toString('base64');
const secret = (data: Record<string, string>, stringData?: Record<string, string>) => ({
  metadata: {
    name: 'repo',
    namespace: 'argocd',
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"hunter2"}}', team: 'a' },
  },
  data,
  stringData,
});
const open = (stored: { metadata: { name: string; namespace?: string }; data?: Record<string, string> }, key: string) =>
  Buffer.from(keyring.open(stored.data![key]!, contextOf(stored.metadata, key))).toString();

describe('a stored Secret', () => {
  test('holds no clear value, neither in data nor in the last-applied annotation', () => {
    const stored = sealSecretData(secret({ password: base64('hunter2') }, { username: 'ann' }), undefined, keyring);
    expect(JSON.stringify(stored)).not.toMatch(/hunter2|aHVudGVyMg|ann"|YW5u/);
    expect(open(stored, 'password')).toBe('hunter2');
    expect(open(stored, 'username')).toBe('ann');
    expect(stored).not.toHaveProperty('stringData');
    expect(stored.metadata.annotations).toEqual({ team: 'a' });
  });

  test('is masked for readers, and writing the mask back changes nothing', () => {
    const stored = sealSecretData(secret({ password: base64('hunter2') }), undefined, keyring);
    const seen = maskSecret(stored);
    expect(seen.data).toEqual({ password: MASK });
    expect(sealSecretData({ ...seen }, stored, keyring).data).toEqual(stored.data);
  });

  test('keeps its sealed text when the same value is written again', () => {
    const stored = sealSecretData(secret({ password: base64('hunter2') }), undefined, keyring);
    expect(sealSecretData(secret({ password: base64('hunter2') }), stored, keyring).data).toEqual(stored.data);
    expect(sealSecretData(secret({ password: base64('other') }), stored, keyring).data).not.toEqual(stored.data);
  });

  test('does not open when its value is moved to another Secret', () => {
    const stored = sealSecretData(secret({ password: base64('hunter2') }), undefined, keyring);
    const stolen = { metadata: { name: 'mine', namespace: 'argocd' }, data: stored.data };
    expect(() => sealSecretData(stolen, undefined, keyring)).toThrow();
  });
});

import { describe, expect, it } from 'vitest';
import { accountJwt, generateNkey, isPublicNkey, nkeyFromSeed, readNatsJwt, userJwt, verifyNkey } from './index.js';

describe('an nkey', () => {
  it.each(['operator', 'account', 'user'] as const)('of an %s is read back from its seed and verifies its own signatures', (kind) => {
    const key = generateNkey(kind);
    expect(key.seed).toMatch({ operator: /^SO/, account: /^SA/, user: /^SU/ }[kind]);
    expect(key.publicKey).toMatch({ operator: /^O/, account: /^A/, user: /^U/ }[kind]);
    expect(nkeyFromSeed(key.seed).publicKey).toBe(key.publicKey);
    expect(isPublicNkey(kind, key.publicKey)).toBe(true);
    expect(verifyNkey(key.publicKey, 'nonce', key.sign('nonce'))).toBe(true);
  });

  it('refuses text with a wrong letter, another kind or a foreign signature', () => {
    const key = generateNkey('user');
    const swapped = `${key.publicKey.slice(0, -1)}${key.publicKey.endsWith('A') ? 'B' : 'A'}`;
    expect(isPublicNkey('user', swapped)).toBe(false);
    expect(isPublicNkey('account', key.publicKey)).toBe(false);
    expect(isPublicNkey('user', '')).toBe(false);
    expect(verifyNkey(key.publicKey, 'nonce', generateNkey('user').sign('nonce'))).toBe(false);
    expect(verifyNkey('nonsense!', 'nonce', key.sign('nonce'))).toBe(false);
    expect(() => nkeyFromSeed(key.publicKey)).toThrow('not an nkey seed');
  });
});

describe('NATS JWTs', () => {
  const account = generateNkey('account');
  const user = generateNkey('user');

  it('carry allow-lists, limits and expiry, signed by the account', () => {
    const jwt = userJwt({
      name: 's_a',
      user: user.publicKey,
      account,
      issuedAtSeconds: 100,
      expiresAtSeconds: 200,
      permissions: { publish: ['a.b'], subscribe: [] },
    });
    const [header, body, signature] = jwt.split('.') as [string, string, string];
    expect(verifyNkey(account.publicKey, `${header}.${body}`, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(readNatsJwt(jwt)).toMatchObject({ sub: user.publicKey, iss: account.publicKey, iat: 100, exp: 200 });
    expect(readNatsJwt(jwt)).toMatchObject({ nats: { pub: { allow: ['a.b'] }, sub: { deny: ['>'] }, type: 'user' } });
    expect(readNatsJwt('x.y')).toBeUndefined();
  });

  it('give an account explicit limits, no JetStream and its revocations', () => {
    const operator = generateNkey('operator');
    const claims = { name: 'SPOKES', account: account.publicKey, operator, issuedAtSeconds: 1, maxConnections: 5 };
    const jwt = accountJwt({ ...claims, revocations: { [user.publicKey]: 9 } });
    expect(readNatsJwt(jwt)).toMatchObject({ nats: { limits: { conn: 5, leaf: 0 }, revocations: { [user.publicKey]: 9 } } });
    expect(JSON.stringify(readNatsJwt(accountJwt(claims)))).not.toContain('revocations');
  });
});

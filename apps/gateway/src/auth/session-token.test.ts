import { systemRandom } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { expect, test } from 'vitest';
import { issueToken, readToken } from './session-token.js';

const keyring = createKeyring(Buffer.alloc(32, 1));
const claims = { sub: 'admin', groups: [], iat: 1_000, exp: 2_000 };

test('a token of ours is read until it ends', () => {
  const token = issueToken(keyring, claims, systemRandom);
  expect(readToken(keyring, token, 1_999_000)).toMatchObject({ sub: 'admin', exp: 2_000 });
  expect(readToken(keyring, token, 2_000_000)).toBeUndefined();
});

test('a token that was changed, cut, or signed by somebody else is nobody', () => {
  const token = issueToken(keyring, claims, systemRandom);
  const [prefix, content, signature] = token.split('.') as [string, string, string];
  const forged = Buffer.from(JSON.stringify({ ...claims, exp: 9_999_999_999, jti: 'x' })).toString('base64url');
  const other = issueToken(createKeyring(Buffer.alloc(32, 2)), claims, systemRandom);
  for (const text of [
    `${prefix}.${forged}.${signature}`,
    `${prefix}.${content}`,
    `${prefix}.${content}.`,
    other,
    '',
    'flo1..',
    `${token}.x`,
    'flo1.e30.e30',
  ]) {
    expect(readToken(keyring, text, 1_500_000), text).toBeUndefined();
  }
});

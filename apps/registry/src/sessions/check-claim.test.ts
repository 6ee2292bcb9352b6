import { canonicalJson } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { describe, expect, it } from 'vitest';
import { checkClaim } from './check-claim.js';

const ours = createKeyring(new Uint8Array(32).fill(1));
const foreign = createKeyring(new Uint8Array(32).fill(2));

const held = (generation: number, { by = ours, spoke = 's_a', epoch = 1 } = {}) => {
  const header = {
    fleet: 'f',
    spoke,
    cluster: 'c',
    epoch,
    generation,
    bodyDigest: 'a'.repeat(64),
    bodyBytes: 1,
    issuedAt: '2026-01-01T00:00:00Z',
  };
  return { header, signature: by.sign(canonicalJson(header)) };
};
const check = (document: ReturnType<typeof held> | undefined, current: { epoch?: number; generation?: number } | undefined) =>
  checkClaim({ held: document, current, spokeId: 's_a', fleet: 'f', signingKey: ours.signingKey });

describe('checkClaim', () => {
  it('asks nothing of a document that is not newer than ours, nor where ours is not known', () => {
    expect(check(held(7), { epoch: 1, generation: 7 })).toBe('current');
    expect(check(held(9, { by: foreign }), { epoch: 2, generation: 1 })).toBe('current');
    expect(check(held(9, { by: foreign }), undefined)).toBe('current');
    expect(check(undefined, {})).toBe('current');
  });

  it('believes a newer one with our signature for this spoke, and none other', () => {
    expect(check(held(8), { epoch: 1, generation: 7 })).toBe('proven');
    expect(check(held(1), {})).toBe('proven');
    expect(check(held(8, { by: foreign }), { epoch: 1, generation: 7 })).toBe('unproven');
    expect(check(held(8, { spoke: 's_b' }), { epoch: 1, generation: 7 })).toBe('unproven');
    const changed = held(8);
    expect(check({ ...changed, header: { ...changed.header, generation: 99 } }, { epoch: 1, generation: 7 })).toBe('unproven');
  });
});

import { newSpokeId } from '@flotilla/kernel';
import { describe, expect, it } from 'vitest';
import type { Session, Spoke } from '../spokes/spoke.js';
import { decideHello, type HelloFacts, RETURN_WINDOW_MS } from './decide-hello.js';

const now = 5_000_000;
const spoke: Spoke = {
  spokeId: newSpokeId(),
  cluster: 'prod-us',
  publicNkey: 'U',
  sealingKey: 'k',
  tokenName: 't',
  accepted: true,
  enrolledAt: 1,
  clusterUid: 'uid',
  session: 9,
  instanceId: 'new',
};
const session = (number: number, instanceId: string, isReturn = false, startedAt = now - 1_000): Session => ({
  session: number,
  instanceId,
  isReturn,
  startedAt,
});
const base: HelloFacts = {
  spoke,
  instanceId: 'new',
  clusterUid: 'uid',
  sessions: [session(9, 'new'), session(8, 'old')],
  isPresentBeating: true,
  claim: 'current',
  now,
};
const returns = (count: number, startedAt = now - 1_000) => Array.from({ length: count }, (_, i) => session(i, 'old', true, startedAt));

describe('decideHello', () => {
  it.each<[string, Partial<HelloFacts>, unknown]>([
    ['admits the present instance again', {}, { admit: { isReturn: false } }],
    ['admits a new instance: a drained node, an upgrade', { instanceId: 'newest' }, { admit: { isReturn: false } }],
    ['counts the return of a superseded instance while the newer one beats', { instanceId: 'old' }, { admit: { isReturn: true } }],
    ['does not count it when the newer one is silent', { instanceId: 'old', isPresentBeating: false }, { admit: { isReturn: false } }],
    ['admits a claim our own key proves', { claim: 'proven' }, { admit: { isReturn: false } }],
    [
      'pins the cluster uid at the first hello',
      { spoke: { ...spoke, clusterUid: undefined }, clusterUid: 'any' },
      { admit: { isReturn: false } },
    ],
    [
      'forgets returns older than the window',
      { instanceId: 'old', sessions: [session(9, 'new'), ...returns(5, now - RETURN_WINDOW_MS)] },
      { admit: { isReturn: true } },
    ],
  ])('%s', (_name, facts, decision) => {
    expect(decideHello({ ...base, ...facts })).toEqual(decision);
  });

  it.each<[string, Partial<HelloFacts>, RegExp]>([
    ['another cluster uid', { clusterUid: 'other' }, /cluster uid changed/],
    ['an unproven claim', { claim: 'unproven' }, /did not sign/],
    ['the third return within the window', { instanceId: 'old', sessions: [session(9, 'new'), ...returns(2)] }, /supersede each other/],
  ])('quarantines for %s', (_name, facts, reason) => {
    expect(decideHello({ ...base, ...facts })).toEqual({ quarantine: expect.stringMatching(reason) });
  });

  it.each<[string, Spoke | undefined]>([
    ['unknown-spoke', undefined],
    ['revoked', { ...spoke, revokedAt: 1, quarantine: 'x', accepted: false }],
    ['quarantined', { ...spoke, quarantine: 'because', accepted: false }],
    ['pending', { ...spoke, accepted: false }],
  ])('refuses with %s', (code, standing) => {
    expect(decideHello({ ...base, spoke: standing })).toMatchObject({ refuse: { code } });
  });
});

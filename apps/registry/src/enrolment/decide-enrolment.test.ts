import type { Cluster, EnrolmentToken } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { decideEnrolment } from './decide-enrolment.js';
import { joinTokenText, secretOf } from './join-token.js';

const now = Date.UTC(2026, 0, 1);
const token = (spec: Partial<EnrolmentToken['spec']> = {}, used = 0): EnrolmentToken => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'EnrolmentToken',
  metadata: { name: 't' },
  spec: { expiresAt: new Date(now + 1).toISOString(), tokenDigest: 'd', ...spec },
  status: { used },
});
const cluster = (spec: Cluster['spec']): Cluster => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name: 'prod-us' },
  spec,
});
const decide = (given: EnrolmentToken | undefined, existing?: Cluster, name = 'prod-us') =>
  decideEnrolment({ token: given, cluster: existing, name, now });

describe('decideEnrolment', () => {
  it.each([
    ['accepts the one agent of a single-use token', token(), true],
    ['lets the agents of a multi-use token wait', token({ uses: 3 }, 2), false],
    ['unless the token says otherwise', token({ uses: 3, autoAccept: true }), true],
    ['which a single-use token may do too', token({ autoAccept: false }), false],
  ])('%s', (_name, given, accepted) => expect(decide(given)).toEqual({ admit: { accepted } }));

  it.each([
    ['an unknown token', undefined],
    ['a used one', token({}, 1)],
    ['one used up', token({ uses: 3 }, 3)],
    ['an expired one', token({ expiresAt: new Date(now).toISOString() })],
    ['one whose expiry is no time', token({ expiresAt: 'tomorrow' })],
  ])('refuses %s', (_name, given) => expect(decide(given)).toEqual({ refuse: 'token' }));

  it('takes a cluster without an agent, or with a revoked one, and no other', () => {
    expect(decide(token(), cluster({}))).toEqual({ admit: { accepted: true } });
    expect(decide(token(), cluster({ spokeId: 's_x', revoked: true }))).toEqual({ admit: { accepted: true } });
    expect(decide(token(), cluster({ spokeId: 's_x' }))).toEqual({ refuse: 'taken' });
    expect(decide(token(), undefined, 'No Name')).toEqual({ refuse: 'name' });
  });
});

describe('a join token', () => {
  const join = { hub: 'https://hub:8443', ca: 'ab', key: 'k', token: 'secret', name: 'prod-us' };

  it('is flt1. and base64url JSON', () => {
    const text = joinTokenText(join);
    expect(text).toMatch(/^flt1\.[\w-]+$/);
    expect(JSON.parse(Buffer.from(text.slice(5), 'base64url').toString())).toEqual({ v: 1, ...join });
    expect(secretOf(text)).toBe('secret');
    expect(secretOf('secret')).toBe('secret');
  });

  it('is refused when cut short, without being repeated', () => {
    const cut = joinTokenText(join).slice(0, 40);
    expect(() => secretOf(cut)).toThrow(/^the join token is cut short/);
  });
});

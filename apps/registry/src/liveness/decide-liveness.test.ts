import { describe, expect, it } from 'vitest';
import { decideLiveness, type LivenessFacts } from './decide-liveness.js';

const now = 1_000_000;
const base: LivenessFacts = {
  phase: 'Connected',
  hasSpoke: true,
  accepted: true,
  revoked: false,
  lastHeardAt: now - 10,
  lastRecordedAt: now - 500_000,
  listeningSince: now - 100_000,
  leaseMs: 3_000,
  now,
};

describe('decideLiveness', () => {
  it.each<[string, Partial<LivenessFacts>, ReturnType<typeof decideLiveness>]>([
    ['leaves a beating cluster Connected', {}, undefined],
    ['turns a beating cluster back to Connected', { phase: 'Unknown' }, { phase: 'Connected', since: now }],
    ['connects an accepted cluster with its first beat', { phase: 'Pending' }, { phase: 'Connected', since: now }],
    ['leaves silence shorter than a lease alone', { lastHeardAt: now - 2_999 }, undefined],
    ['says Unknown since the last beat when the lease is over', { lastHeardAt: now - 3_000 }, { phase: 'Unknown', since: now - 3_000 }],
    ['does not say Unknown twice', { phase: 'Unknown', lastHeardAt: now - 9_000 }, undefined],
    ['waits one lease after its own start before it judges', { lastHeardAt: undefined, listeningSince: now - 2_999 }, undefined],
    [
      'then says Unknown since it listens, where the spoke was Connected when somebody last knew',
      { lastHeardAt: undefined, listeningSince: now - 3_000 },
      { phase: 'Unknown', since: now - 3_000 },
    ],
    [
      'or since the hello it recorded itself',
      { lastHeardAt: undefined, listeningSince: now - 9_000, lastRecordedAt: now - 4_000 },
      { phase: 'Unknown', since: now - 4_000 },
    ],
    [
      'is Unknown from the start without an agent',
      { phase: undefined, hasSpoke: false, lastHeardAt: undefined },
      { phase: 'Unknown', since: now },
    ],
    ['is never Connected while it waits for acceptance', { phase: 'Unknown', accepted: false }, { phase: 'Pending', since: now }],
    ['is never Connected once revoked', { revoked: true }, { phase: 'Revoked', since: now }],
    ['leaves a quarantine to a person, however it beats', { phase: 'Quarantined' }, undefined],
    ['ends Revoked when another agent is accepted', { phase: 'Revoked', lastHeardAt: undefined }, { phase: 'Unknown', since: now }],
  ])('%s', (_name, facts, verdict) => {
    expect(decideLiveness({ ...base, ...facts })).toEqual(verdict);
  });
});

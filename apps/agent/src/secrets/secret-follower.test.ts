import type { Grant } from '@flotilla/contracts';
import { ManualClock, UnavailableError } from '@flotilla/kernel';
import { openEnvelope } from '@flotilla/keyring';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakeHub } from '../link/hub.link.fake.js';
import type { HubLink } from '../link/hub.link.js';
import { passTime, settle } from '../link/testing.js';
import { type Log, silentLog } from '../log.js';
import { AgentState } from '../state/agent-state.js';
import { FakeStateStore } from '../state/state.store.fake.js';
import { SecretFollower } from './secret-follower.js';
import { SecretVault } from './secret-vault.js';

let hub: FakeHub;
let link: HubLink;
let clock: ManualClock;
let vault: SecretVault;
let follower: SecretFollower;
let changed: string[];
let state: AgentState;

beforeEach(async () => {
  hub = new FakeHub();
  link = await hub.connect();
  clock = new ManualClock();
  changed = [];
  state = new AgentState(new FakeStateStore(), silentLog);
  vault = new SecretVault(state, { ...hub.identity, open: openEnvelope });
  follower = new SecretFollower({ vault, clock, log: silentLog, random: () => 0.5, onChange: (app) => changed.push(app) });
});

const give = (name: string, app = 'u') => hub.broker.grant({ uid: app }, { namespace: 'web', name }, { password: `canary-${name}` });
const many = (count: number) => Promise.all(Array.from({ length: count }, (_, i) => give(`s${i}`)));
const held = (grants: readonly Grant[]): number => grants.filter((grant) => vault.versionOf(grant) !== undefined).length;
const hour = 3_600_000;

describe('granted secrets', () => {
  test('are asked for in bounded requests, and nothing is asked twice', async () => {
    const grants = await many(120);
    await follower.setGrants(grants);
    follower.begin(link, 1);
    await passTime(clock, 'the secrets', () => held(grants) === 120);
    expect(hub.broker.asked.map((wants) => wants.length)).toEqual([50, 50, 20]);
    await follower.setGrants(grants);
    await settle();
    expect(hub.broker.asked).toHaveLength(3);
  });

  test('that are unavailable are asked for ever more slowly, and at once when a document comes', async () => {
    const [grant] = await many(1);
    hub.broker.refusal = { code: 'unavailable', message: 'the provider is down' };
    await follower.setGrants([grant!]);
    follower.begin(link, 1);
    await passTime(clock, 'ten tries', () => hub.broker.asked.length >= 10, 500, 2 * hour);
    expect(follower.reasonFor(grant!.id)).toBe('unavailable: the provider is down');
    expect(changed).toEqual(['u']);
    const between = await passTime(clock, 'another try', () => hub.broker.asked.length >= 11, 500, hour);
    expect(between).toBeGreaterThan(30_000);
    expect(between).toBeLessThanOrEqual(90_500);
    hub.broker.refusal = undefined;
    await follower.setGrants([grant!]);
    await settle();
    expect(hub.broker.asked).toHaveLength(12);
    await passTime(clock, 'the secret', () => held([grant!]) === 1);
    expect(follower.reasonFor(grant!.id)).toBeUndefined();
  });

  test('wait while the hub is away, keep what is at hand, and are fetched by the next session', async () => {
    const [first] = await many(1);
    await follower.setGrants([first!]);
    follower.begin(link, 1);
    await passTime(clock, 'the secret', () => held([first!]) === 1);
    follower.end();
    const next = await hub.broker.grant({ uid: 'u' }, first!.target, { password: 'rotated' });
    await follower.setGrants([next]);
    await settle();
    expect(hub.broker.asked).toHaveLength(1);
    expect(vault.versionOf(next)).toBe(first!.version);
    follower.begin(link, 2);
    await passTime(clock, 'the next value', () => vault.versionOf(next) === next.version);
  });

  test('come back from the disk after a restart, and go from it with their grant', async () => {
    const grants = await many(2);
    await follower.setGrants(grants);
    follower.begin(link, 1);
    await passTime(clock, 'the secrets', () => held(grants) === 2);
    const again = new SecretVault(state, { ...hub.identity, open: openEnvelope });
    await again.load();
    expect(again.versionOf(grants[0]!)).toBe(grants[0]!.version);
    expect((await again.open(grants[0]!.id)).data).toEqual({ password: Buffer.from('canary-s0').toString('base64') });
    await again.retain(new Set([grants[1]!.id]));
    expect((await state.loadSecrets()).map(({ grant }) => grant)).toEqual([grants[1]!.id]);
  });

  test('sealed for another target than the document names are not at hand', async () => {
    const [grant] = await many(1);
    await follower.setGrants([grant!]);
    follower.begin(link, 1);
    await passTime(clock, 'the secret', () => held([grant!]) === 1);
    expect(vault.versionOf({ ...grant!, target: { namespace: 'web', name: 'renamed' } })).toBeUndefined();
  });

  test('a refusal of the session is passed on, and one that cannot be opened any more counts as never had', async () => {
    const [grant] = await many(1);
    const codes: string[] = [];
    follower.onRefusal = (code) => codes.push(code);
    hub.refusal = 'superseded';
    await follower.setGrants([grant!]);
    follower.begin(link, 1);
    await passTime(clock, 'the refusal', () => codes.length > 0);
    expect(codes[0]).toBe('superseded');
    hub.refusal = undefined;
    await passTime(clock, 'the secret', () => held([grant!]) === 1);
    await vault.open(grant!.id);
    const [kept] = await state.loadSecrets();
    await state.saveSecret({ ...kept!, version: 'c'.repeat(64) });
    await expect(vault.open(grant!.id)).rejects.toMatchObject({ code: 'untrusted' });
    expect(vault.versionOf(grant!)).toBeUndefined();
  });

  test('answers about what was not asked for are ignored, and no value is in what is logged', async () => {
    const [wanted, other] = await many(2);
    const lines: unknown[] = [];
    const log: Log = (...line) => lines.push(line);
    const replies = [...hub.broker.envelopes.values()];
    const odd = { request: async () => ({ meta: { envelopes: replies, refused: [] }, bytes: new Uint8Array() }) } as unknown as HubLink;
    follower = new SecretFollower({ vault, clock, log, random: () => 0.5, onChange: () => {} });
    await follower.setGrants([wanted!]);
    follower.begin(odd, 1);
    await passTime(clock, 'the secret', () => held([wanted!]) === 1);
    expect(vault.versionOf(other!)).toBeUndefined();
    const dead = { request: () => Promise.reject(new UnavailableError('nobody answers')) } as unknown as HubLink;
    follower.begin(dead, 2);
    await follower.setGrants([wanted!, other!]);
    await passTime(clock, 'the failure', () => follower.reasonFor(other!.id) !== undefined);
    expect(JSON.stringify(lines)).not.toContain('canary');
  });
});

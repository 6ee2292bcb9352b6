import { setTimeout as delay } from 'node:timers/promises';
import type { Grant } from '@flotilla/contracts';
import { type OpenEnvelope, openEnvelope } from '@flotilla/keyring';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakeHub } from '../link/hub.link.fake.js';
import { silentLog } from '../log.js';
import { AgentState } from '../state/agent-state.js';
import { FakeStateStore } from '../state/state.store.fake.js';
import type { HeldSecret } from './prove-secret.js';
import { SecretVault } from './secret-vault.js';

let hub: FakeHub;
let state: AgentState;
let opened: number;

beforeEach(() => {
  hub = new FakeHub();
  state = new AgentState(new FakeStateStore(), silentLog);
  opened = 0;
});

const open: OpenEnvelope = (...envelope) => {
  opened++;
  return openEnvelope(...envelope);
};
const vaultOf = (freshMs?: number): SecretVault => new SecretVault(state, { ...hub.identity, open }, freshMs);
const held = async (name: string, password: string): Promise<HeldSecret & { id: string }> => {
  const grant: Grant = await hub.broker.grant({ uid: 'u' }, { namespace: 'web', name }, { password });
  return { ...hub.broker.envelopes.get(grant.id)!, target: grant.target, id: grant.id };
};
const passwordIn = async (vault: SecretVault, id: string): Promise<string> => {
  const data = (await vault.open(id)).data as { password: string };
  return Buffer.from(data.password, 'base64').toString();
};

describe('an envelope', () => {
  test('is opened once for its proof and its first use, and once for each later use', async () => {
    const vault = vaultOf();
    const secret = await held('a', 'first');
    await vault.keep(secret);
    expect([await passwordIn(vault, secret.id), opened]).toEqual(['first', 1]);
    expect([await passwordIn(vault, secret.id), opened]).toEqual(['first', 2]);
  });

  test('gives its value to whoever comes after it took the place of the former one', async () => {
    const vault = vaultOf();
    await vault.keep(await held('a', 'first'));
    const second = await held('a', 'second');
    await vault.keep(second);
    expect([await passwordIn(vault, second.id), opened]).toEqual(['second', 2]);
    expect(await passwordIn(vault, second.id)).toBe('second');
  });

  test('that is not proven takes no place, neither at rest nor in memory', async () => {
    const vault = vaultOf();
    const secret = await held('a', 'first');
    await vault.keep(secret);
    const { version } = await held('a', 'second');
    await expect(vault.keep({ ...secret, version })).rejects.toMatchObject({ code: 'untrusted' });
    expect(vault.versionOf({ id: secret.id, target: secret.target })).toBe(secret.version);
    for (const _ of [1, 2]) expect(await passwordIn(vault, secret.id)).toBe('first');
  });

  test('is in clear for a while only, and not beyond its grant', async () => {
    const hasty = vaultOf(1);
    const secret = await held('a', 'first');
    await hasty.keep(secret);
    // Timers of one length ring in the order they were set.
    await delay(1);
    await passwordIn(hasty, secret.id);
    expect(opened).toBe(2);
    const vault = vaultOf();
    await vault.keep(secret);
    await vault.retain(new Set());
    await expect(vault.open(secret.id)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('of a size that memory should not hold is opened again', async () => {
    const vault = vaultOf();
    const [large, larger] = [await held('a', 'x'.repeat(300_000)), await held('b', 'x'.repeat(300_000))];
    await vault.keep(large);
    await vault.keep(larger);
    await passwordIn(vault, large.id);
    await passwordIn(vault, larger.id);
    expect(opened).toBe(3);
  });
});

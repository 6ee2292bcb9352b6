import type { FleetRollout } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import { applyStagedSet } from '../testing/staged-set.js';

let hub: OrchestratorUnderTest;
beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
});
afterEach(() => hub.stop());

const verb = { namespace: 'argocd', name: 'web-r1', actor: 'alice' };
const ledger = async () => (await hub.uses.rollout({ namespace: 'argocd', name: 'web-r1' })).ledger;

/** As kubectl edit does it, under the user's name. */
function edit(spec: Partial<FleetRollout['spec']>, actor = 'carol'): Promise<unknown> {
  return hub.store.transaction({ actor }, async (tx) => {
    const current = (await tx.getForUpdate<FleetRollout>({ kind: 'FleetRollout', namespace: 'argocd', name: 'web-r1' }))!;
    return tx.update({ ...current, spec: { ...current.spec, ...spec } });
  });
}

describe('an edit of spec.paused', () => {
  test('pauses and resumes the run, and the ledger names who made it', async () => {
    await applyStagedSet(hub);
    hub.agents.get('dev')!.outcome = () => ({ health: 'Progressing' });
    await hub.commit('c1');
    await hub.settle();
    await edit({ paused: true });
    hub.agents.get('dev')!.outcome = () => ({});
    await hub.settle();
    expect(await hub.rollout('web-r1')).toMatchObject({ spec: { paused: true }, status: { phase: 'Paused' } });
    expect(hub.agents.get('staging')!.body.apps).toEqual([]);
    await edit({ paused: false }, 'dave');
    await hub.settle();
    expect(await hub.rollout('web-r1')).toMatchObject({ spec: { paused: false }, status: { phase: 'WaitingForApproval' } });
    const said = (await ledger()).filter(({ actor }) => !actor.startsWith('service:'));
    expect(said.map(({ actor, from, to, reason }) => [actor, from, to, reason])).toEqual([
      ['carol', 'Progressing', 'Paused', 'carol set spec.paused to true'],
      ['dave', 'Paused', 'Progressing', 'dave set spec.paused to false'],
    ]);
  });

  test('is not lost to the summary that is written at the same time', async () => {
    await applyStagedSet(hub);
    await hub.commit('c1');
    await hub.settle();
    await edit({ paused: true });
    await hub.query(`INSERT INTO orchestrator.work (kind, key, due_at) VALUES ('summary', 'rollout:argocd/web-r1', 0)`);
    await hub.uses.work();
    await hub.settle();
    expect(await hub.rollout('web-r1')).toMatchObject({ spec: { paused: true }, status: { phase: 'Paused' } });
  });

  test('on a run that is over changes nothing, says so, and is taken back', async () => {
    await applyStagedSet(hub, { stages: [{ name: 'all' }] });
    await hub.commit('c1');
    await hub.settle();
    await edit({ paused: true });
    await hub.settle();
    expect(await hub.rollout('web-r1')).toMatchObject({ spec: { paused: false }, status: { phase: 'Completed' } });
    expect((await ledger()).at(-1)).toMatchObject({
      actor: 'carol',
      to: 'Completed',
      reason: expect.stringContaining('which changes nothing'),
    });
  });

  test('is told from what the hub itself writes there', async () => {
    await applyStagedSet(hub);
    await hub.commit('c1');
    await hub.settle();
    await hub.uses.pause(verb);
    await hub.settle();
    await hub.uses.resume(verb);
    await hub.settle();
    expect(await hub.rollout('web-r1')).toMatchObject({ spec: { paused: false }, status: { phase: 'WaitingForApproval' } });
    expect((await ledger()).filter(({ reason }) => reason.includes('spec.paused'))).toEqual([]);
  });
});

test('an edit of anything else of a run is put back', async () => {
  await applyStagedSet(hub);
  await hub.commit('c1');
  await hub.settle();
  await edit({ release: 'web-r9', policy: 'none' });
  await hub.settle();
  expect((await hub.rollout('web-r1')).spec).toMatchObject({ release: 'web-r1', policy: 'staged' });
});

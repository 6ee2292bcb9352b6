import { type Clock, digestBytes, InvalidInputError, messageOf, UnavailableError } from '@flotilla/kernel';
import type { ClusterClient } from '../cluster/cluster.client.js';
import type { Log } from '../log.js';
import type { AgentState, Identity } from '../state/agent-state.js';
import type { ClusterBackup } from '../state/cluster-backup.js';
import { enrolSpoke } from './enrol-spoke.js';
import { newSpokeKeys, type SpokeKeys } from './spoke-keys.js';

export interface ObtainInput {
  state: AgentState;
  backup: ClusterBackup | undefined;
  client: ClusterClient;
  joinToken: string | undefined;
  clock: Clock;
  log: Log;
}

const RETRY_MS = 5_000;

/**
 * The identity on disk, else the one kept in the cluster, else a new one for the join token; while the hub is away it asks again.
 * @throws InvalidInputError without any of them, ForbiddenError when the hub refuses the token
 */
export async function obtainIdentity({ state, backup, client, joinToken, clock, log }: ObtainInput): Promise<Identity> {
  const kept = await state.loadIdentity();
  if (kept) return kept;
  if (await backup?.restore()) {
    const restored = await state.loadIdentity();
    if (restored) return restored;
  }
  if (!joinToken)
    throw new InvalidInputError('this agent has no identity yet: start it with the join token that `flotilla cluster add` prints');
  const keys = await keptKeys(state, joinToken);
  for (;;) {
    try {
      const system = await client.get('/api/v1/namespaces/kube-system');
      const identity = await enrolSpoke(joinToken, system?.metadata.uid ?? '', keys);
      await state.saveIdentity(identity);
      await state.removeEnrolment();
      return identity;
    } catch (error) {
      const isPassing = error instanceof UnavailableError || (error as { retry?: string }).retry === 'later';
      if (!isPassing) throw error;
      log('warn', 'not enrolled yet', { error: messageOf(error) });
      await clock.sleep(RETRY_MS * (0.75 + Math.random() / 2));
    }
  }
}

/** Keys are kept before the hub hears of them: a token is good once, and an answer may be lost with the hub or with this process. */
async function keptKeys(state: AgentState, joinToken: string): Promise<SpokeKeys> {
  const token = digestBytes(joinToken);
  const kept = await state.loadEnrolment();
  if (kept?.token === token) return kept.keys;
  const keys = newSpokeKeys();
  await state.saveEnrolment({ token, keys });
  return keys;
}

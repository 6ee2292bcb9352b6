import type { Outcome } from '@flotilla/reconcile';
import type { ResourceKey } from '@flotilla/resources';
import type { ReconcileApplication } from './fleet/reconcile-application.js';
import type { ReconcileCluster } from './fleet/reconcile-cluster.js';
import type { ReconcileInputs } from './fleet/reconcile-inputs.js';
import type { FollowEdit } from './rollouts/follow-edit.js';
import type { WakeLocal } from './sync/wake-local.js';

interface Followers {
  clusters: ReconcileCluster;
  applications: ReconcileApplication;
  inputs: ReconcileInputs;
  edits: FollowEdit;
  secrets: { reconcile(key: ResourceKey): Promise<Outcome> };
  wakeLocal: WakeLocal;
}

/** What follows documents; what became due by it is begun at once. */
export function followDocuments(cases: Followers, nudge: () => void) {
  const thenNudge =
    <T>(reconcile: (key: ResourceKey) => Promise<T>) =>
    async (key: ResourceKey): Promise<T> => {
      const outcome = await reconcile(key);
      nudge();
      return outcome;
    };
  /** For kinds that an application of applications puts into the hub's own store: somebody may wait to see them deleted. */
  const thenWake = <T>(reconcile: (key: ResourceKey) => Promise<T>) =>
    thenNudge(async (key: ResourceKey): Promise<T> => {
      const outcome = await reconcile(key);
      await cases.wakeLocal.moved(key);
      return outcome;
    });
  return {
    cluster: thenNudge((key) => cases.clusters.reconcile(key)),
    application: thenWake((key) => cases.applications.onChange(key)),
    gitSource: thenNudge((key) => cases.inputs.gitSource(key)),
    applicationSet: thenWake((key) => cases.inputs.applicationSet(key)),
    fleetRollout: thenNudge((key) => cases.edits.reconcile(key)),
    secretGrant: thenNudge((key) => cases.secrets.reconcile(key)),
    rule: thenWake((key) => cases.inputs.rule(key)),
    guardSettings: thenNudge((key) => cases.wakeLocal.configMap(key)),
  };
}

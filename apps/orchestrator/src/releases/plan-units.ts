import type { FleetApplication, FleetCluster } from '../fleet/fleet.store.js';
import type { PlanUnit } from '../rollouts/plan-stages.js';
import type { Run, TargetUnit } from '../rollouts/rollout.js';
import type { Member } from './freeze-member.js';

/** What the stages of a release are made of: its clusters, or each of its applications. */
export function planUnits(
  members: readonly Member[],
  per: Run['per'],
  { applications, clusters }: { applications: readonly FleetApplication[]; clusters: readonly FleetCluster[] },
): PlanUnit[] {
  if (per === 'cluster') {
    const labels = new Map(clusters.map((cluster) => [cluster.cluster, cluster.labels]));
    return [...new Set(members.map(({ cluster }) => cluster))].map((cluster) => ({ cluster, labels: labels.get(cluster) ?? {} }));
  }
  const known = new Map(applications.map((application) => [application.uid, application]));
  return members.map(({ uid, cluster }) => {
    const { name = uid, document } = known.get(uid) ?? {};
    return { cluster, application: { uid, name }, labels: document?.metadata.labels ?? {} };
  });
}

/** The key of the unit that a member belongs to. */
export const keyOfMember = ({ uid, cluster }: Member, per: Run['per']): string => (per === 'cluster' ? cluster : uid);

export const bareUnit = ({ cluster, application }: TargetUnit): TargetUnit => ({ cluster, ...(application ? { application } : {}) });

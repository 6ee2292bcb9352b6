import type { ApplicationDestination, AppProject } from '@flotilla/contracts';
import { checkApplication, type DestinationFacts } from '@flotilla/policy';
import type { FleetApplication } from '../fleet/fleet.store.js';
import type { ClusterIndex, KnownCluster } from '../fleet/resolve-destination.js';
import type { Problem } from './problem.js';
import type { Placed } from './render-members.js';

/**
 * Finds each application's cluster and asks its project. One that has no place, or may not go there, stays as it is and holds
 * nobody else.
 */
export function placeMembers(
  applications: readonly FleetApplication[],
  clusters: ClusterIndex,
  projects: ReadonlyMap<string, AppProject>,
): { placed: Placed[]; problems: Problem[] } {
  const placed: Placed[] = [];
  const problems: Problem[] = [];
  const refuse = (uid: string, message: string): unknown => problems.push({ uid, type: 'InvalidSpecError', message, isHolding: false });
  for (const application of applications) {
    const { spec } = application.document;
    const project = projects.get(spec.project);
    if (!project) {
      refuse(application.uid, `application references project ${spec.project} which does not exist`);
      continue;
    }
    const destination = clusters.resolve(spec.destination);
    if ('problem' in destination) {
      refuse(application.uid, destination.problem);
      continue;
    }
    const { known } = destination;
    const violations = checkApplication(project, application.document, clusterFacts(known));
    if (violations.length > 0) refuse(application.uid, violations.map(({ field, message }) => `${field}: ${message}`).join('; '));
    else placed.push({ application, cluster: destination.cluster, known });
  }
  return { placed, problems };
}

const clusterFacts = (known: KnownCluster | undefined): Omit<DestinationFacts, 'namespace'> =>
  known ? { server: known.server, name: known.displayName ?? known.cluster, clusterProject: known.project } : {};

/** A destination with everything its project's rules may name. */
export const destinationFacts = (destination: ApplicationDestination, known: KnownCluster | undefined): DestinationFacts => ({
  ...destination,
  ...clusterFacts(known),
  namespace: destination.namespace ?? '',
});

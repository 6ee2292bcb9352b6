import { type Application, type AppProject, sourcesOf } from '@flotilla/contracts';
import { checkDestination, type DestinationFacts } from './check-destination.js';
import { checkSource } from './check-source.js';
import { checkSourceNamespace } from './check-source-namespace.js';

export interface Violation {
  field: string;
  message: string;
}

/** Every rule of its project an application breaks. `cluster` is what is known of the destination's cluster. */
export function checkApplication(
  project: AppProject,
  application: Application,
  cluster: Omit<DestinationFacts, 'namespace'> = {},
): Violation[] {
  const violations: Violation[] = [];
  const { spec, metadata } = application;
  const namespace = checkSourceNamespace(project, metadata.namespace ?? '');
  if (!namespace.permitted) violations.push({ field: 'spec.project', message: namespace.reason });
  const many = (spec.sources?.length ?? 0) > 0;
  for (const [i, source] of sourcesOf(spec).entries()) {
    const verdict = checkSource(project, source.repoURL);
    if (!verdict.permitted)
      violations.push({ field: many ? `spec.sources[${i}].repoURL` : 'spec.source.repoURL', message: verdict.reason });
  }
  const destination = checkDestination(project, { ...spec.destination, ...cluster, namespace: spec.destination.namespace ?? '' });
  if (!destination.permitted) violations.push({ field: 'spec.destination', message: destination.reason });
  return violations;
}

/** The project every installation has: it permits everything, until a document of that name says otherwise. */
export function defaultProject(namespace: string): AppProject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'default', namespace },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    },
  };
}

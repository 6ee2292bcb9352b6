import { type ApplicationSet, type AppProject, CONTROL_NAMESPACE } from '@flotilla/contracts';
import { ForbiddenError, NotFoundError } from '@flotilla/kernel';
import { defaultProject } from './check-application.js';
import { checkSourceNamespace } from './check-source-namespace.js';
import { projectScope } from './project-scope.js';

/** The project of an application that names none. */
export const DEFAULT_PROJECT = 'default';

/**
 * What a set sees as one project. Only sets of the control namespace belong to the administrator, who may use every project; so
 * only they may leave the project to a parameter, and they see everything then. A set of any other namespace names one project,
 * and one whose `sourceNamespaces` lets it in.
 *
 * @throws ForbiddenError, NotFoundError
 */
export function scopeOf(
  set: ApplicationSet,
  project: string | undefined,
  projects: ReadonlyMap<string, AppProject>,
): ReturnType<typeof projectScope> | undefined {
  const namespace = set.metadata.namespace ?? CONTROL_NAMESPACE;
  if (project === undefined) {
    if (namespace === CONTROL_NAMESPACE) return undefined;
    throw new ForbiddenError(
      `spec.template.spec.project is named by a parameter, and a set of namespace ${namespace} may not use every project; ` +
        `write one name, or move the set to namespace ${CONTROL_NAMESPACE}`,
    );
  }
  const name = project === '' ? DEFAULT_PROJECT : project;
  const found = projects.get(name) ?? (name === DEFAULT_PROJECT ? defaultProject(CONTROL_NAMESPACE) : undefined);
  if (!found)
    throw new NotFoundError(`AppProject ${name} does not exist; without it nothing is known about what the set may read`, { name });
  const verdict = checkSourceNamespace(found, namespace);
  if (!verdict.permitted) throw new ForbiddenError(verdict.reason, { project: name });
  return projectScope(found);
}

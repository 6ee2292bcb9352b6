import { admit, describeErrors } from '@flotilla/admission';
import type { ResourceDocument } from '@flotilla/contracts';
import type { SetInputDocuments } from '../inputs/read-inputs.js';

/** Why a generated application may not be written, as admission says it; undefined when it may. */
export function refuseApplication(
  document: ResourceDocument,
  previous: ResourceDocument | undefined,
  inputs: SetInputDocuments,
): string | undefined {
  const { errors } = admit(document, {
    byService: true,
    clusters: inputs.clusters,
    project: (name) => inputs.projects.get(name),
    ...(previous ? { previous } : {}),
  });
  return errors.length > 0 ? describeErrors(errors) : undefined;
}

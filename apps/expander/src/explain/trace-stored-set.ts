import type { ExplainReply, TraceRequest } from '@flotilla/contracts';
import { traceSet } from '@flotilla/generators';
import { readInputs } from '../inputs/read-inputs.js';
import { type GeneratePorts, readSet } from '../sets/generate-set.js';
import { putAnswer } from './put-answer.js';

/**
 * Where the parameters of a stored set, or of a given document, come from. Lines are those of files in repositories; where a set's own
 * field stands in a manifest, only who has the manifest can tell.
 *
 * @throws NotFoundError, InvalidInputError for a set that is refused, and every error of an expansion
 */
export async function traceStoredSet(ports: GeneratePorts, { applications, of }: TraceRequest): Promise<ExplainReply> {
  const { set, warnings } = await readSet(ports.store, of);
  const inputs = await readInputs(set, ports);
  const trace = await traceSet(set, inputs.ports, applications ? { names: applications } : {});
  return putAnswer(ports.blobs, { ...trace, findings: [...new Set([...warnings, ...trace.findings])] });
}

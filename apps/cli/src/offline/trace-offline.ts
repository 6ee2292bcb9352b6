import { type SetTrace, traceSet } from '@flotilla/generators';
import { type Answers, answerOf, type OfflineOptions, readOfflineSets, runSet } from './offline-sets.js';

/** Where the parameters of the sets of the files come from. */
export async function traceOffline(options: OfflineOptions & { application?: readonly string[] }): Promise<Answers<SetTrace>> {
  const inputs = readOfflineSets(options);
  const { sets, portsOf } = inputs;
  const { application: names } = options;
  const traces: SetTrace[] = [];
  for (const set of sets) {
    const trace = await runSet(set, (document) =>
      traceSet(document, portsOf(document), { manifest: set.manifest, ...(names ? { names } : {}) }),
    );
    if (trace) traces.push({ ...trace, findings: [...new Set([...set.warnings, ...trace.findings])] });
  }
  return answerOf(inputs, traces);
}

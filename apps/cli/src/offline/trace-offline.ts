import { type SetTrace, traceSet } from '@flotilla/generators';
import type { Answers } from './generate-offline.js';
import { type OfflineOptions, readOfflineSets, runSet } from './offline-sets.js';

/** Where the parameters of the sets of the files come from. */
export async function traceOffline(options: OfflineOptions & { application?: readonly string[] }): Promise<Answers<SetTrace>> {
  const { sets, ports, faults } = readOfflineSets(options);
  const { application: names } = options;
  const traces: SetTrace[] = [];
  for (const set of sets) {
    const trace = await runSet(set, (document) => traceSet(document, ports, { manifest: set.manifest, ...(names ? { names } : {}) }));
    if (trace) traces.push({ ...trace, findings: [...new Set([...set.warnings, ...trace.findings])] });
  }
  return { sets: traces, faults: [...faults, ...sets.flatMap((set) => set.faults)] };
}

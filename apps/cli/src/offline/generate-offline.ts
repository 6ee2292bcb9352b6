import { describeErrors } from '@flotilla/admission';
import type { Application, ResourceDocument } from '@flotilla/contracts';
import { documentOf, expandSet, type HeldApplication } from '@flotilla/generators';
import { errorsOfGenerated } from './admit-generated.js';
import type { OfflineFleet } from './fleet-rules.js';
import { fault, faultOfHeld, type OfflineFault } from './offline-fault.js';
import { type Answers, answerOf, type OfflineOptions, type OfflineSet, placeOfSet, readOfflineSets, runSet } from './offline-sets.js';

/** One set; without `applications` something is wrong, and which there are is not known. */
export interface GeneratedOffline {
  set: string;
  applications?: Application[];
  warnings: string[];
}

/** What the sets of the files generate from clusters and repositories of this machine, with the code the hub runs. */
export async function generateOffline(options: OfflineOptions): Promise<Answers<GeneratedOffline>> {
  const inputs = readOfflineSets(options);
  const { sets, fleet, portsOf } = inputs;
  const generated: GeneratedOffline[] = [];
  const owners = new Map<string, string>();
  for (const set of sets) {
    const applications = await runSet(set, async (document) => {
      const expansion = await expandSet(document, portsOf(document));
      set.warnings = [...new Set([...set.warnings, ...expansion.warnings])];
      set.faults.push(...expansion.held.map((held) => heldFault(held, set)));
      const documents = expansion.applications.map(documentOf);
      set.faults.push(...documents.flatMap((one) => [...faultOfDocument(one, set, fleet), ...faultOfOwner(one, set, owners)]));
      return documents as unknown as Application[];
    });
    generated.push({ set: set.name, warnings: set.warnings, ...(applications && set.faults.length === 0 ? { applications } : {}) });
  }
  return answerOf(inputs, generated);
}

function heldFault({ origins, ...held }: HeldApplication, set: OfflineSet): OfflineFault {
  return faultOfHeld({ ...held, generator: origins[0]?.generator }, placeOfSet(set));
}

function faultOfDocument(document: ResourceDocument, set: OfflineSet, fleet: OfflineFleet): OfflineFault[] {
  const errors = errorsOfGenerated(document, fleet);
  if (errors.length === 0) return [];
  const { name } = document.metadata;
  const field = `spec.template.${errors[0]!.field}`;
  return [fault(placeOfSet(set), { field, code: 'invalid', message: `${name}: ${describeErrors(errors)}` })];
}

/** An Application has one owner: the first set of a run that generates it. */
function faultOfOwner({ metadata }: ResourceDocument, set: OfflineSet, owners: Map<string, string>): OfflineFault[] {
  const key = `${metadata.namespace ?? ''}/${metadata.name}`;
  const owner = owners.get(key);
  if (owner === undefined) owners.set(key, set.name);
  if (owner === undefined) return [];
  const message = `Application ${metadata.name} is already owned by ApplicationSet ${owner}`;
  return [fault(placeOfSet(set), { field: 'spec.template.metadata.name', code: 'owner-conflict', message })];
}

import { describeErrors } from '@flotilla/admission';
import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { expandSet, type GeneratorPorts } from '@flotilla/generators';
import {
  clusterEntries,
  deletionExplainer,
  describePlan,
  guardOfSet,
  ownedNames,
  type PlannedSet,
  planApplications,
  planDocuments,
  releasedDeletions,
} from '@flotilla/setplan';
import { errorsOfGenerated } from './admit-generated.js';
import { existingOf, readExisting } from './existing-files.js';
import type { OfflineFleet } from './fleet-rules.js';
import { faultOf } from './offline-fault.js';
import { type Answers, answerOf, type OfflineOptions, readOfflineSets, runSet } from './offline-sets.js';

/** What the sets of the files would do to the Applications of other files; without any, everything is created. */
export async function planOffline(options: OfflineOptions & { existing?: readonly string[]; now: number }): Promise<Answers<PlannedSet>> {
  const inputs = readOfflineSets(options);
  const { sets, fleet, portsOf } = inputs;
  let stored: ResourceDocument[];
  try {
    stored = readExisting(options.existing ?? []);
  } catch (error) {
    return { sets: [], warnings: inputs.warnings, faults: [...inputs.faults, faultOf(error, {})] };
  }
  const plans: PlannedSet[] = [];
  /** What earlier sets of the same run create is there for later ones. */
  const created: ResourceDocument[] = [];
  for (const set of sets) {
    const plan = await runSet(set, (document) =>
      planSet(document, { stored: [...stored, ...created], fleet, ports: portsOf(document), now: options.now }),
    );
    if (!plan) continue;
    created.push(...plan.create);
    const said = [...new Set([...set.warnings, ...plan.report.warnings])];
    plans.push({ documents: plan.documents, report: { ...plan.report, warnings: said } });
  }
  return answerOf(inputs, plans);
}

interface PlanInputs {
  stored: readonly ResourceDocument[];
  fleet: OfflineFleet;
  ports: GeneratorPorts;
  now: number;
}

/** The decisions of the hub over the same documents. */
async function planSet(
  document: ApplicationSet,
  { stored, fleet, ports, now }: PlanInputs,
): Promise<PlannedSet & { create: ResourceDocument[] }> {
  const { set, existing } = existingOf(document, stored);
  const { clusters = [], projects = new Map() } = fleet;
  const expansion = await expandSet(set, ports);
  const owned = ownedNames(existing, set).map((name) => existing.get(name)!);
  const { guard, warnings } = guardOfSet({ set, owned, clusters, projects, fleet: fleet.guard, now });
  const refuse = (one: ResourceDocument, previous: ResourceDocument | undefined): string | undefined => {
    const errors = errorsOfGenerated(one, fleet, previous);
    return errors.length > 0 ? describeErrors(errors) : undefined;
  };
  const plan = planApplications({ set, expansion, existing, released: releasedDeletions(set), guard, refuse });
  const explain = deletionExplainer({ set, expansion, clusters: clusterEntries(clusters) });
  const report = describePlan({
    set,
    plan,
    existing,
    generated: expansion.applications.length + expansion.held.length,
    warnings: [...expansion.warnings, ...warnings],
    reasonOf: (one) => explain(one).message,
  });
  return { report, documents: planDocuments(plan, existing), create: plan.create };
}

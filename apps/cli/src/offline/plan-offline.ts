import { admit, describeErrors } from '@flotilla/admission';
import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { type ClusterEntry, expandSet, type GeneratorPorts } from '@flotilla/generators';
import {
  deletionExplainer,
  describePlan,
  guardSettings,
  type PlannedDocument,
  type PlanReport,
  planApplications,
  planDocuments,
} from '@flotilla/setplan';
import { existingOf, readExisting } from './existing-files.js';
import type { Answers } from './generate-offline.js';
import { faultOf } from './offline-fault.js';
import { type OfflineOptions, readOfflineSets, runSet } from './offline-sets.js';

export interface PlannedSet {
  report: PlanReport;
  documents: PlannedDocument[];
}

/** What the sets of the files would do to the Applications of other files; without any, everything is created. */
export async function planOffline(options: OfflineOptions & { existing?: readonly string[]; now: number }): Promise<Answers<PlannedSet>> {
  const { sets, ports, clusters, faults } = readOfflineSets(options);
  let stored: ResourceDocument[];
  try {
    stored = readExisting(options.existing ?? []);
  } catch (error) {
    return { sets: [], faults: [...faults, faultOf(error, {})] };
  }
  const plans: PlannedSet[] = [];
  /** What earlier sets of the same run create is there for later ones. */
  const created: ResourceDocument[] = [];
  for (const set of sets) {
    const plan = await runSet(set, (document) => planSet(document, { stored: [...stored, ...created], ports, clusters, now: options.now }));
    created.push(...(plan?.create ?? []));
    if (plan)
      plans.push({
        documents: plan.documents,
        report: { ...plan.report, warnings: [...new Set([...set.warnings, ...plan.report.warnings])] },
      });
  }
  return { sets: plans, faults: [...faults, ...sets.flatMap((set) => set.faults)] };
}

interface PlanInputs {
  stored: readonly ResourceDocument[];
  ports: GeneratorPorts;
  clusters: readonly ClusterEntry[];
  now: number;
}

async function planSet(
  document: ApplicationSet,
  { stored, ports, clusters, now }: PlanInputs,
): Promise<PlannedSet & { create: ResourceDocument[] }> {
  const { set, existing } = existingOf(document, stored);
  const expansion = await expandSet(set, ports);
  const { settings, warnings } = guardSettings({ set: set.metadata.annotations });
  const refuse = ({ status: _, ...one }: ResourceDocument): string | undefined => {
    const { errors } = admit(one, { byService: true });
    return errors.length > 0 ? describeErrors(errors) : undefined;
  };
  const plan = planApplications({ set, expansion, existing, released: [], guard: { settings, now }, refuse });
  const explain = deletionExplainer({ set, expansion, clusters });
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

import { admit, describeErrors } from '@flotilla/admission';
import { type AppProject, type Cluster, CONTROL_NAMESPACE, type ConfigMap, GUARD_CONFIG_MAP } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { fault, type OfflineFault } from './offline-fault.js';
import type { Manifest } from './read-manifests.js';

/** What the fleet permits its sets: the same documents the hub keeps in its control namespace. */
export interface FleetRules {
  /** By name; undefined when no file holds any, so that nobody takes "not given" for "permits nothing". */
  projects?: ReadonlyMap<string, AppProject>;
  /** `data` of the guard's ConfigMap. */
  guard?: Readonly<Record<string, string>>;
  warnings: string[];
  /** Of documents the hub would refuse: what holds instead is not known then. */
  faults: OfflineFault[];
}

/** What the files say about the fleet. */
export interface OfflineFleet extends Pick<FleetRules, 'projects' | 'guard'> {
  /** Undefined without `--clusters`: then the inventory is not known, and not empty. */
  clusters?: readonly Cluster[];
}

/** Of several documents with one name the last one counts, as when they are applied one after the other. */
export function readFleetRules(manifests: readonly Manifest[]): FleetRules {
  const rules: FleetRules = { warnings: [], faults: [] };
  const projects = new Map<string, AppProject>();
  for (const manifest of manifests) {
    const { kind } = manifest.document;
    if (kind !== 'AppProject' && !isGuard(manifest)) continue;
    const document = admitted(manifest, rules);
    if (document?.metadata.namespace !== CONTROL_NAMESPACE) continue;
    if (kind === 'AppProject') projects.set(document.metadata.name, document as unknown as AppProject);
    else rules.guard = (document as unknown as ConfigMap).data ?? {};
  }
  return { ...rules, ...(projects.size > 0 ? { projects } : {}) };
}

function isGuard({ document: { kind, metadata } }: Manifest): boolean {
  if (kind !== 'ConfigMap' || !isObject(metadata) || metadata.name !== GUARD_CONFIG_MAP) return false;
  return metadata.namespace === undefined || metadata.namespace === CONTROL_NAMESPACE;
}

function admitted({ document: raw, file, line, lineOf }: Manifest, { warnings, faults }: FleetRules) {
  const { document, warnings: said, errors } = admit(raw);
  const name = isObject(raw.metadata) ? String(raw.metadata.name) : '';
  const what = `${file}:${line}: ${raw.kind} ${name}`;
  warnings.push(...said.map((warning) => `${what}: ${warning}`));
  for (const error of errors) {
    const message = `${raw.kind} ${name}: ${describeErrors([error])}`;
    faults.push(fault({ file, lineOf }, { field: error.field, code: 'invalid', message }));
  }
  if (document && document.metadata.namespace !== CONTROL_NAMESPACE)
    warnings.push(`${what} is left out: only those of namespace ${CONTROL_NAMESPACE} count`);
  return document;
}

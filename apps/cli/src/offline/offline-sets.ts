import { admit, describeErrors } from '@flotilla/admission';
import type { ApplicationSet } from '@flotilla/contracts';
import type { FileGlobs, GeneratorPorts, ManifestPlace } from '@flotilla/generators';
import { FlotillaError } from '@flotilla/kernel';
import { readClusters } from './cluster-files.js';
import { type OfflineFleet, readFleetRules } from './fleet-rules.js';
import { type FaultPlace, fault, faultOf, type OfflineFault } from './offline-fault.js';
import { offlinePorts, readRepositories } from './offline-ports.js';
import { isSet, type Manifest, readManifests } from './read-manifests.js';

export interface OfflineOptions {
  file: readonly string[];
  clusters?: readonly string[];
  /** `URL=DIR` each. */
  repo?: readonly string[];
  /** `*` stays in its directory and `**` crosses them, as Argo CD's new git file globbing has it. */
  newGitFileGlobbing?: boolean;
  /** What git runs with. */
  env: Readonly<Record<string, string | undefined>>;
}

/** One set of the files: its document, or what keeps it from being one. */
export interface OfflineSet {
  /** `file:line` of a set without a name. */
  name: string;
  isNamed: boolean;
  document?: ApplicationSet;
  manifest: ManifestPlace;
  warnings: string[];
  faults: OfflineFault[];
}

export interface OfflineInputs {
  sets: OfflineSet[];
  fleet: OfflineFleet;
  portsOf(set: ApplicationSet): GeneratorPorts;
  /** About the run as a whole. */
  warnings: string[];
  /** Of files that cannot be read, as which sets they hold is not known. */
  faults: OfflineFault[];
}

/**
 * The sets of files, and what they are expanded from. An inventory, project or guard that cannot be read leaves no set: nobody
 * could tell what they would generate.
 *
 * @throws InvalidInputError for a `--repo` that is none
 */
export function readOfflineSets(options: OfflineOptions): OfflineInputs {
  const repositories = readRepositories(options.repo ?? [], options.env);
  const fileGlobs: FileGlobs = options.newGitFileGlobbing ? 'doublestar' : 'pathspec';
  const faults: OfflineFault[] = [];
  const attempt = <T>(path: string | undefined, read: () => T[]): T[] => {
    try {
      return read();
    } catch (error) {
      faults.push(faultOf(error, path === undefined ? {} : { file: path }));
      return [];
    }
  };
  const inventory = (options.clusters ?? []).flatMap((path) => attempt(path, () => readManifests(path)));
  const clusters = attempt(undefined, () => readClusters(inventory));
  const unreadable = faults.length;
  const manifests = options.file.flatMap((path) => attempt(path, () => readManifests(path)));
  const { warnings, faults: refused, projects, guard } = readFleetRules(manifests);
  const fleet: OfflineFleet = {
    ...(options.clusters ? { clusters } : {}),
    ...(projects ? { projects } : {}),
    ...(guard ? { guard } : {}),
  };
  const portsOf = (set: ApplicationSet): GeneratorPorts => offlinePorts(set, { fleet, repositories, fileGlobs });
  if (unreadable + refused.length > 0) return { sets: [], fleet, portsOf, warnings, faults: [...faults, ...refused] };
  const sets = manifests.filter(isSet).map(readSet);
  if (sets.length === 0 && faults.length === 0) {
    const file = options.file.join(', ');
    faults.push(fault({ file }, { code: 'no-set', message: `${file} holds no ApplicationSet` }));
  }
  return { sets, fleet, portsOf, warnings, faults };
}

/** What a run says: its sets, as far as they could be answered, and what is wrong. */
export interface Answers<T> {
  sets: T[];
  /** About the run as a whole. */
  warnings: string[];
  faults: OfflineFault[];
}

const UNCHECKED = 'no file holds an AppProject, so project rules were not checked; add -f with the projects';

/** That rules were not checked is said of an answer; where something failed the error stream is for machines. */
export function answerOf<T>({ sets: all, fleet, warnings, faults: general }: OfflineInputs, sets: T[]): Answers<T> {
  const faults = [...general, ...all.flatMap((set) => set.faults)];
  const isUnchecked = !fleet.projects && sets.length > 0 && faults.length === 0;
  return { sets, warnings: isUnchecked ? [...warnings, UNCHECKED] : warnings, faults };
}

/** Where a fault of this set stands when nothing more is known. */
export const placeOfSet = ({ name, isNamed, manifest: { file, lineOf } }: OfflineSet): FaultPlace => ({
  ...(isNamed ? { set: name } : {}),
  file,
  lineOf,
});

function readSet({ document: raw, file, line, lineOf }: Manifest): OfflineSet {
  const metadata = raw.metadata as { name?: unknown } | undefined;
  const isNamed = typeof metadata?.name === 'string';
  const name = isNamed ? String(metadata.name) : `${file}:${line}`;
  const { document, warnings, errors } = admit(raw);
  const set: OfflineSet = { name, isNamed, manifest: { file, lineOf }, warnings, faults: [] };
  set.faults = errors.map((error) => fault(placeOfSet(set), { field: error.field, code: 'invalid', message: describeErrors([error]) }));
  if (!document) return set;
  const admitted = document as unknown as ApplicationSet;
  return { ...set, document: admitted, warnings };
}

/** Runs one set, turning what keeps it from being known into faults. */
export async function runSet<T>(set: OfflineSet, run: (document: ApplicationSet) => Promise<T>): Promise<T | undefined> {
  if (!set.document || set.faults.length > 0) return undefined;
  try {
    return await run(set.document);
  } catch (error) {
    if (!(error instanceof FlotillaError)) throw error;
    set.faults.push(faultOf(error, placeOfSet(set)));
    return undefined;
  }
}

import { admit, describeErrors } from '@flotilla/admission';
import type { ApplicationSet } from '@flotilla/contracts';
import type { ClusterEntry, FileGlobs, GeneratorPorts, ManifestPlace } from '@flotilla/generators';
import { FlotillaError, InvalidInputError, isObject } from '@flotilla/kernel';
import { normaliseRepository } from '@flotilla/policy';
import { readClusters } from './cluster-files.js';
import { LocalRepository } from './local-repository.js';
import { type FaultPlace, fault, faultOf, type OfflineFault } from './offline-fault.js';
import { type Manifest, readManifests } from './read-manifests.js';

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
  name: string;
  document?: ApplicationSet;
  manifest: ManifestPlace;
  warnings: string[];
  faults: OfflineFault[];
}

export interface OfflineInputs {
  sets: OfflineSet[];
  clusters: readonly ClusterEntry[];
  ports: GeneratorPorts;
  /** Of files that cannot be read, as which sets they hold is not known. */
  faults: OfflineFault[];
}

/**
 * The sets of files, and what they are expanded from. An inventory that cannot be read leaves no set: nobody could tell what they
 * would generate.
 *
 * @throws InvalidInputError for a `--repo` that is none
 */
export function readOfflineSets(options: OfflineOptions): OfflineInputs {
  const repositories = new Map((options.repo ?? []).map((pair) => readPair(pair, options.env)));
  const faults: OfflineFault[] = [];
  const attempt = <T>(path: string, read: () => T[]): T[] => {
    try {
      return read();
    } catch (error) {
      faults.push(faultOf(error, { file: path }));
      return [];
    }
  };
  const clusters = (options.clusters ?? []).flatMap((path) => attempt(path, () => readClusters(path)));
  const globs = options.newGitFileGlobbing ? 'doublestar' : 'pathspec';
  if (faults.length > 0) return { sets: [], clusters: [], ports: portsOf([], repositories, globs), faults };
  const manifests = options.file.flatMap((path) => attempt(path, () => readManifests(path)));
  const sets = manifests.filter(isSet).map(readSet);
  if (sets.length === 0 && faults.length === 0) {
    const file = options.file.join(', ');
    faults.push(fault({ file }, { code: 'no-set', message: `${file} holds no ApplicationSet` }));
  }
  return { sets, clusters, ports: portsOf(clusters, repositories, globs), faults };
}

/** A part of a set that somebody took for a whole one is refused as such, and not left out in silence. */
function isSet({ document: { kind, apiVersion, spec } }: Manifest): boolean {
  return kind === 'ApplicationSet' || (kind === undefined && apiVersion === undefined && isObject(spec) && 'generators' in spec);
}

/** Where a fault of this set stands when nothing more is known. */
export const placeOfSet = ({ name, manifest }: OfflineSet): FaultPlace => ({ set: name, file: manifest.file, lineOf: manifest.lineOf });

function readSet({ document: raw, file, line, lineOf }: Manifest): OfflineSet {
  const metadata = raw.metadata as { name?: unknown } | undefined;
  const name = typeof metadata?.name === 'string' ? metadata.name : `${file}:${line}`;
  const { document, warnings, errors } = admit(raw);
  const set: OfflineSet = { name, manifest: { file, lineOf }, warnings, faults: [] };
  set.faults = errors.map((error) => fault(placeOfSet(set), { field: error.field, code: 'invalid', message: describeErrors([error]) }));
  return document ? { ...set, document: document as unknown as ApplicationSet } : set;
}

function portsOf(
  clusters: readonly ClusterEntry[],
  repositories: ReadonlyMap<string, LocalRepository>,
  fileGlobs: FileGlobs,
): GeneratorPorts {
  const at = (repoURL: string): LocalRepository => {
    const repository = repositories.get(normaliseRepository(repoURL));
    if (!repository) throw new InvalidInputError(`${repoURL} is not at hand; add --repo ${repoURL}=DIR`, { field: 'repoURL' });
    return repository;
  };
  return {
    clusters: async () => clusters,
    directories: async (repoURL, revision) => at(repoURL).directories(revision),
    files: async (repoURL, revision, patterns, exclude) => at(repoURL).files(revision, patterns, exclude, fileGlobs),
    fileGlobs,
  };
}

function readPair(text: string, env: OfflineOptions['env']): [string, LocalRepository] {
  // A URL may hold `=`; a directory given on a command line seldom does.
  const at = text.lastIndexOf('=');
  if (at <= 0 || at === text.length - 1) throw new InvalidInputError(`--repo ${JSON.stringify(text)} is not URL=DIR`);
  return [normaliseRepository(text.slice(0, at)), new LocalRepository(text.slice(at + 1), env)];
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

import { admit, describeErrors } from '@flotilla/admission';
import type { Application, ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { type ClusterEntry, documentOf, expandSet, type GeneratorPorts } from '@flotilla/generators';
import { codeOf, InvalidInputError, messageOf } from '@flotilla/kernel';
import { normaliseRepository } from '@flotilla/policy';
import { readClusters } from './cluster-files.js';
import { LocalRepository } from './local-repository.js';
import { type Manifest, placeOf, readManifests } from './read-manifests.js';

/** One line for a machine: what is wrong with a set, and where. */
export interface OfflineFault {
  set: string;
  generator?: string;
  field?: string;
  file?: string;
  line?: number;
  code: string;
  message: string;
}

export interface GeneratedOffline {
  set: string;
  applications: Application[];
  warnings: string[];
  faults: OfflineFault[];
}

export interface OfflineOptions {
  file: readonly string[];
  clusters?: readonly string[];
  /** `URL=DIR` each. */
  repo?: readonly string[];
  /** What git runs with. */
  env: Readonly<Record<string, string | undefined>>;
}

/** What the sets of the files generate from clusters and repositories of this machine, with the code the hub runs. */
export async function generateOffline(options: OfflineOptions): Promise<GeneratedOffline[]> {
  const ports = portsOf(
    (options.clusters ?? []).flatMap((path) => readClusters(path)),
    new Map((options.repo ?? []).map((pair) => readPair(pair, options.env))),
  );
  const manifests = options.file.flatMap((path) => readManifests(path));
  const sets = manifests.filter(({ document }) => document.kind === 'ApplicationSet');
  if (sets.length === 0) throw new InvalidInputError(`${options.file.join(', ')} holds no ApplicationSet`);
  const results: GeneratedOffline[] = [];
  for (const manifest of sets) results.push(await generate(manifest, ports));
  return results;
}

async function generate(manifest: Manifest, ports: GeneratorPorts): Promise<GeneratedOffline> {
  const { file, line } = manifest;
  const metadata = manifest.document.metadata as { name?: unknown } | undefined;
  const set = typeof metadata?.name === 'string' ? metadata.name : `${file}:${line}`;
  const { document, warnings, errors } = admit(manifest.document);
  const result: GeneratedOffline = { set, applications: [], warnings, faults: [] };
  for (const { field, message } of errors) result.faults.push({ set, field, file, line, code: 'invalid', message });
  if (!document) return result;
  try {
    const expansion = await expandSet(document as unknown as ApplicationSet, ports);
    result.warnings = [...new Set([...warnings, ...expansion.warnings])];
    for (const { name, reason, message } of expansion.held) result.faults.push({ set, field: name, file, line, code: reason, message });
    for (const application of expansion.applications.map(documentOf)) keep(application, result, { file, line });
  } catch (error) {
    const { generator } = (error as { details?: { generator?: string } }).details ?? {};
    result.faults.push({
      set,
      ...(generator ? { generator } : {}),
      file,
      line,
      ...placeOf(error),
      code: codeOf(error),
      message: messageOf(error),
    });
  }
  return result;
}

function keep(document: ResourceDocument, result: GeneratedOffline, place: { file: string; line: number }): void {
  const { errors } = admit(document, { byService: true });
  if (errors.length === 0) result.applications.push(document as unknown as Application);
  else result.faults.push({ set: result.set, field: document.metadata.name, ...place, code: 'invalid', message: describeErrors(errors) });
}

function portsOf(clusters: readonly ClusterEntry[], repositories: ReadonlyMap<string, LocalRepository>): GeneratorPorts {
  const at = (repoURL: string): LocalRepository => {
    const repository = repositories.get(normaliseRepository(repoURL));
    if (!repository) throw new InvalidInputError(`${repoURL} is not at hand; add --repo ${repoURL}=DIR`, { field: 'repoURL' });
    return repository;
  };
  return {
    clusters: async () => clusters,
    directories: async (repoURL, revision) => at(repoURL).directories(revision),
    files: async (repoURL, revision, patterns, exclude) => at(repoURL).files(revision, patterns, exclude),
  };
}

function readPair(text: string, env: OfflineOptions['env']): [string, LocalRepository] {
  // A URL may hold `=`; a directory given on a command line seldom does.
  const at = text.lastIndexOf('=');
  if (at <= 0 || at === text.length - 1) throw new InvalidInputError(`--repo ${JSON.stringify(text)} is not URL=DIR`);
  return [normaliseRepository(text.slice(0, at)), new LocalRepository(text.slice(at + 1), env)];
}

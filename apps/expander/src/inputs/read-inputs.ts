import type { BlobStore } from '@flotilla/blobs';
import { type ApplicationSet, type AppProject, type Cluster, CONTROL_NAMESPACE } from '@flotilla/contracts';
import type { FileGlobs, GeneratorPorts } from '@flotilla/generators';
import { isObject } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import { DEFAULT_PROJECT, scopeOf } from '@flotilla/policy';
import type { ResourceStore } from '@flotilla/resources';
import { clusterEntries } from '@flotilla/setplan';
import { decisionInputs } from './decision-inputs.js';
import { GitInputs } from './git-inputs.js';
import type { HostsOf } from './host-inputs.js';
import { type DocumentReader, listAll } from './list-documents.js';

/** What one expansion reads, and what its applications are checked against. */
export interface SetInputDocuments {
  ports: GeneratorPorts;
  clusters: readonly Cluster[];
  projects: ReadonlyMap<string, AppProject>;
  /** The commits the expansion read so far, by `<repoURL> <ref>`. */
  commits: ReadonlyMap<string, string>;
}

/** Where inputs come from. */
export interface InputSources {
  store: DocumentReader & Pick<ResourceStore, 'get'>;
  bus: MessageBus;
  blobs: BlobStore;
  hosts: HostsOf;
  /** How git generators read patterns of files; git pathspecs unless said otherwise. */
  fileGlobs?: FileGlobs | undefined;
}

type StoredCluster = Cluster & { [field: string]: unknown };

export async function readInputs(set: ApplicationSet, sources: InputSources): Promise<SetInputDocuments> {
  return inputsOver(await listAll<StoredCluster>(sources.store, 'Cluster'), set, sources);
}

/** The inputs with the clusters of these names only, as far as they exist: for their shares of an expansion. */
export async function readPartialInputs(set: ApplicationSet, names: Iterable<string>, sources: InputSources): Promise<SetInputDocuments> {
  const read = [...names].map((name) => sources.store.get<StoredCluster>({ kind: 'Cluster', namespace: '', name }));
  const clusters = await Promise.all(read);
  return inputsOver(
    clusters.filter((cluster) => cluster !== undefined),
    set,
    sources,
  );
}

async function inputsOver(clusters: readonly Cluster[], set: ApplicationSet, sources: InputSources): Promise<SetInputDocuments> {
  const listed = await listAll<AppProject & { [field: string]: unknown }>(sources.store, 'AppProject', {
    namespace: CONTROL_NAMESPACE,
  });
  const projects = new Map(listed.map((project) => [project.metadata.name, project]));
  const commits = new Map<string, string>();
  return { clusters, projects, commits, ports: portsOf(set, sources, { clusters, projects, commits }) };
}

interface Shared extends Omit<SetInputDocuments, 'ports'> {
  commits: Map<string, string>;
}

function portsOf(set: ApplicationSet, sources: InputSources, { clusters, projects, commits }: Shared): GeneratorPorts {
  const { bus, blobs, store, fileGlobs } = sources;
  const entries = clusterEntries(clusters);
  const shared = {
    clusters: async () => entries,
    ...(fileGlobs ? { fileGlobs } : {}),
    hosts: sources.hosts(set),
    decisions: decisionInputs(store),
  };
  const repositories = new Map<string | undefined, GitInputs>();
  const gitOf = (project: string | undefined): GitInputs => {
    const git = repositories.get(project) ?? new GitInputs(bus, blobs, { project, globs: fileGlobs, resolved: commits });
    repositories.set(project, git);
    return git;
  };
  const withGit = (git: GitInputs): GeneratorPorts => ({
    ...shared,
    directories: (repoURL, revision) => git.directories(repoURL, revision),
    files: (repoURL, revision, patterns, exclude) => git.files(repoURL, revision, patterns, exclude),
  });
  return {
    ...withGit(gitOf(projectOf(set))),
    ofProject: (project) => {
      const scope = scopeOf(set, project, projects);
      return { ...withGit(gitOf(project)), ...(scope ? { scope } : {}) };
    },
  };
}

/** The project of the set's template; a templated one gives its generators no project's credentials, as in Argo CD. */
export function projectOf(set: ApplicationSet): string | undefined {
  const project = set.spec.template.spec?.project;
  return typeof project === 'string' && !project.includes('{{') ? project : undefined;
}

/** Every project that some template of the set names, the default one for none; undefined when a parameter names one. */
export function projectsOf({ spec }: ApplicationSet): string[] | undefined {
  const uses = spec.generators.flatMap((entry) => Object.values(entry).filter(isObject));
  const templates = [spec.template, ...uses.map(({ template }) => template)].filter(isObject);
  const named = templates.map((template) => (isObject(template.spec) ? template.spec.project : undefined) ?? '');
  if (!named.every((project) => typeof project === 'string' && !project.includes('{{'))) return undefined;
  return named.map((project) => String(project) || DEFAULT_PROJECT);
}

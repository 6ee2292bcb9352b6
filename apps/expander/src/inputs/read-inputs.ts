import type { BlobStore } from '@flotilla/blobs';
import { type ApplicationSet, type AppProject, type Cluster, CONTROL_NAMESPACE } from '@flotilla/contracts';
import type { GeneratorPorts } from '@flotilla/generators';
import type { MessageBus } from '@flotilla/messaging';
import { clusterEntries } from './cluster-inputs.js';
import { GitInputs } from './git-inputs.js';
import type { HostsOf } from './host-inputs.js';
import { type DocumentReader, listAll } from './list-documents.js';

/** What one expansion reads, and what its applications are checked against. */
export interface SetInputDocuments {
  ports: GeneratorPorts;
  clusters: readonly Cluster[];
  projects: ReadonlyMap<string, AppProject>;
}

/** Where inputs come from. */
export interface InputSources {
  store: DocumentReader;
  bus: MessageBus;
  blobs: BlobStore;
  hosts: HostsOf;
}

export async function readInputs(set: ApplicationSet, { store: reader, bus, blobs, hosts }: InputSources): Promise<SetInputDocuments> {
  const clusters = await listAll<Cluster & { [field: string]: unknown }>(reader, 'Cluster');
  const projects = await listAll<AppProject & { [field: string]: unknown }>(reader, 'AppProject', {
    namespace: CONTROL_NAMESPACE,
  });
  const entries = clusterEntries(clusters);
  const git = new GitInputs(bus, blobs, projectOf(set));
  return {
    clusters,
    projects: new Map(projects.map((project) => [project.metadata.name, project])),
    ports: {
      clusters: async () => entries,
      directories: (repoURL, revision) => git.directories(repoURL, revision),
      files: (repoURL, revision, patterns, exclude) => git.files(repoURL, revision, patterns, exclude),
      hosts: hosts(set),
    },
  };
}

/** The project of the set's template; a templated one gives its generators no project's credentials, as in Argo CD. */
export function projectOf(set: ApplicationSet): string | undefined {
  const project = set.spec.template.spec?.project;
  return typeof project === 'string' && !project.includes('{{') ? project : undefined;
}

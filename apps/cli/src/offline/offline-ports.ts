import type { ApplicationSet } from '@flotilla/contracts';
import type { FileGlobs, GeneratorPorts } from '@flotilla/generators';
import { InvalidInputError } from '@flotilla/kernel';
import { normaliseRepository, scopeOf } from '@flotilla/policy';
import { clusterEntries } from '@flotilla/setplan';
import type { OfflineFleet } from './fleet-rules.js';
import { type Environment, LocalRepository } from './local-repository.js';

export type Repositories = ReadonlyMap<string, LocalRepository>;

/** @throws InvalidInputError for a `--repo` that is none */
export function readRepositories(pairs: readonly string[], env: Environment): Repositories {
  return new Map(pairs.map((pair) => readPair(pair, env)));
}

function readPair(text: string, env: Environment): [string, LocalRepository] {
  // A URL may hold `=`; a directory given on a command line seldom does.
  const at = text.lastIndexOf('=');
  if (at <= 0 || at === text.length - 1) throw new InvalidInputError(`--repo ${JSON.stringify(text)} is not URL=DIR`);
  return [normaliseRepository(text.slice(0, at)), new LocalRepository(text.slice(at + 1), env)];
}

/** What the generators of a set read from this machine; what was not given is an error, never an empty answer. */
export function offlinePorts(
  set: ApplicationSet,
  { fleet: { clusters, projects }, repositories, fileGlobs }: { fleet: OfflineFleet; repositories: Repositories; fileGlobs: FileGlobs },
): GeneratorPorts {
  const entries = clusters && clusterEntries(clusters);
  const at = (repoURL: string): LocalRepository => {
    const repository = repositories.get(normaliseRepository(repoURL));
    if (!repository) throw new InvalidInputError(`${repoURL} is not at hand; add --repo ${repoURL}=DIR`, { field: 'repoURL' });
    return repository;
  };
  const ports: GeneratorPorts = {
    clusters: async () => {
      if (!entries) throw new InvalidInputError('the clusters are not at hand; add --clusters FILE|DIR');
      return entries;
    },
    directories: async (repoURL, revision) => at(repoURL).directories(revision),
    files: async (repoURL, revision, patterns, exclude) => at(repoURL).files(revision, patterns, exclude, fileGlobs),
    fileGlobs,
  };
  if (!projects) return ports;
  return {
    ...ports,
    ofProject: (project) => {
      const scope = scopeOf(set, project, projects);
      return scope ? { ...ports, scope } : ports;
    },
  };
}

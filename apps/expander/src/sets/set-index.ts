import type { ApplicationSet, Cluster, GitSource } from '@flotilla/contracts';
import { type ClusterEntry, type SetInputs, setInputs } from '@flotilla/generators';
import { jsonEqual } from '@flotilla/kernel';
import { normaliseRepository } from '@flotilla/policy';
import { entryOf, isInInventory } from '../inputs/cluster-inputs.js';
import { DEFAULT_REVISION } from '../inputs/git-inputs.js';
import { projectsOf } from '../inputs/read-inputs.js';
import type { SetKey } from './set-memory.js';

interface Indexed {
  inputs: SetInputs;
  /** Undefined when a parameter names one. */
  projects: readonly string[] | undefined;
}

/** Which sets a change of a cluster, commit or project concerns; in doubt, more rather than fewer. */
export class SetIndex {
  readonly #sets = new Map<SetKey, Indexed>();
  readonly #clusters = new Map<string, ClusterEntry>();
  readonly #revisions = new Map<string, string>();

  put(key: SetKey, set: ApplicationSet): void {
    this.#sets.set(key, { inputs: setInputs(set.spec), projects: projectsOf(set) });
  }

  drop(key: SetKey): void {
    this.#sets.delete(key);
  }

  /** Sets whose selectors take the cluster as it is or took it as it was; none when only its status moved. */
  clusterMoved(name: string, cluster: Cluster | undefined): SetKey[] {
    const before = this.#clusters.get(name);
    const after = cluster && isInInventory(cluster) ? entryOf(cluster) : undefined;
    if (after) this.#clusters.set(name, after);
    else this.#clusters.delete(name);
    if (jsonEqual(before, after)) return [];
    const states = [before, after].filter((entry) => entry !== undefined);
    return this.#where(({ inputs }) => inputs.readsClusters && states.some(({ labels }) => inputs.selectsCluster(labels)));
  }

  sourceMoved(name: string, source: GitSource | undefined): SetKey[] {
    const revision = source?.status?.revision;
    if (!source || !revision || this.#revisions.get(name) === revision) return [];
    this.#revisions.set(name, revision);
    const { repoURL, ref } = source.spec;
    return this.#where(
      ({ inputs }) =>
        inputs.anyRepository ||
        inputs.repositories.some(
          (read) => normaliseRepository(read.repoURL) === normaliseRepository(repoURL) && (read.revision || DEFAULT_REVISION) === ref,
        ),
    );
  }

  projectMoved(name: string): SetKey[] {
    return this.#where(({ projects }) => projects === undefined || projects.includes(name));
  }

  all(): SetKey[] {
    return [...this.#sets.keys()];
  }

  #where(concerns: (indexed: Indexed) => boolean): SetKey[] {
    return [...this.#sets].filter(([, indexed]) => concerns(indexed)).map(([key]) => key);
  }
}

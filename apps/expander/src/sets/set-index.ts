import type { ApplicationSet, Cluster, GitSource, ResourceDocument } from '@flotilla/contracts';
import { type ClusterEntry, type SetInputs, setInputs } from '@flotilla/generators';
import { type Digest, digestJson, jsonEqual } from '@flotilla/kernel';
import { normaliseRepository } from '@flotilla/policy';
import { SelectorIndex } from '@flotilla/selector';
import { entryOf, isInInventory } from '@flotilla/setplan';
import { DEFAULT_REVISION } from '../inputs/git-inputs.js';
import { projectsOf } from '../inputs/read-inputs.js';
import type { SetKey } from './cluster-moves.js';

interface Indexed {
  inputs: SetInputs;
  /** Undefined when a parameter names one. */
  projects: readonly string[] | undefined;
}

interface DecisionState {
  labels: Readonly<Record<string, string>>;
  status: Digest;
}

/** Which sets a change of a cluster, commit, project or decision concerns; in doubt, more rather than fewer. */
export class SetIndex {
  readonly #sets = new Map<SetKey, Indexed>();
  readonly #selectors = new SelectorIndex<SetKey>();
  readonly #clusters = new Map<string, ClusterEntry>();
  readonly #revisions = new Map<string, string>();
  /** Labels and digest of the status of each decision, by kind and name. */
  readonly #decisions = new Map<string, DecisionState>();

  put(key: SetKey, set: ApplicationSet): void {
    const inputs = setInputs(set.spec);
    this.#sets.set(key, { inputs, projects: projectsOf(set) });
    this.#selectors.put(key, inputs.clusterSelectors);
  }

  drop(key: SetKey): void {
    this.#sets.delete(key);
    this.#selectors.delete(key);
  }

  /** The cluster as it was when it last moved. */
  cluster(name: string): ClusterEntry | undefined {
    return this.#clusters.get(name);
  }

  /** Sets whose selectors take the cluster as it is or took it as it was; none when only its status moved. */
  clusterMoved(name: string, cluster: Cluster | undefined): SetKey[] {
    const before = this.#clusters.get(name);
    const after = cluster && isInInventory(cluster) ? entryOf(cluster) : undefined;
    if (after) this.#clusters.set(name, after);
    else this.#clusters.delete(name);
    if (jsonEqual(before, after)) return [];
    const states = [before, after].filter((entry) => entry !== undefined);
    return [...new Set(states.flatMap(({ labels }) => [...this.#selectors.matching(labels)]))];
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

  /** ConfigMaps that say of which kind the decisions of some set are. */
  decisionConfigMaps(): string[] {
    const named = [...this.#sets.values()].flatMap(({ inputs }) => inputs.decisions.map(({ configMap }) => configMap));
    return [...new Set(named.filter((name) => name !== undefined))];
  }

  /**
   * Sets that read the document as it is or as it was; none when neither its labels nor its status moved.
   * @param ofKind the ConfigMaps that tell of its kind
   */
  decisionMoved(
    { kind, name }: { kind: string; name: string },
    document: ResourceDocument | undefined,
    ofKind: ReadonlySet<string>,
  ): SetKey[] {
    const place = `${kind}/${name}`;
    const before = this.#decisions.get(place);
    const after = document && { labels: document.metadata.labels ?? {}, status: digestJson(document.status ?? null) };
    if (after) this.#decisions.set(place, after);
    else this.#decisions.delete(place);
    if (before && jsonEqual(before, after)) return [];
    const known = [before, after].filter((state) => state !== undefined).map(({ labels }) => labels);
    const states = known.length > 0 ? known : [undefined];
    return this.#where(({ inputs }) =>
      inputs.decisions.some(
        ({ configMap, mayDecide }) =>
          (configMap === undefined || ofKind.has(configMap)) && states.some((labels) => mayDecide({ name, labels })),
      ),
    );
  }

  /** Sets whose decisions the ConfigMap describes. */
  configMapMoved(name: string): SetKey[] {
    return this.#where(({ inputs }) => inputs.decisions.some(({ configMap }) => configMap === undefined || configMap === name));
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

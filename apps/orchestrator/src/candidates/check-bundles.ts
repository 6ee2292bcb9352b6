import type { BlobStore } from '@flotilla/blobs';
import { type AppProject, ARGO_GROUP, type Bundle, type BundleItem } from '@flotilla/contracts';
import { canonicalJson, digestBytes } from '@flotilla/kernel';
import { checkResource } from '@flotilla/policy';
import { HUB_CLUSTER } from '../fleet/resolve-destination.js';
import type { BundleCache } from './bundle-cache.js';
import { isClusterScoped } from './cluster-scoped.js';
import type { Problem } from './problem.js';
import type { Placed } from './render-members.js';

/** Kinds an application with destination in-cluster puts into the hub's own store. */
const CONTROL_KINDS: readonly string[] = ['Application', 'ApplicationSet', 'AppProject'];
export const isControlObject = ({ group, kind }: Pick<BundleItem, 'group' | 'kind'>): boolean =>
  group === ARGO_GROUP && CONTROL_KINDS.includes(kind);

export interface Checked {
  /** What to assign: for a local cluster without the hub's own objects. */
  bundles: Map<string, { bundle: string; hubBundle?: string; cluster: string }>;
  problems: Problem[];
}

/** Looks into bundles after rendering: whether the project permits their kinds, whether anything is in them, and which part the hub itself takes. */
export class CheckBundles {
  readonly #blobs: BlobStore;
  readonly #bundles: BundleCache;

  constructor(blobs: BlobStore, bundles: BundleCache) {
    this.#blobs = blobs;
    this.#bundles = bundles;
  }

  async check(
    members: readonly Placed[],
    rendered: ReadonlyMap<string, string>,
    projects: ReadonlyMap<string, AppProject>,
  ): Promise<Checked> {
    const checked: Checked = { bundles: new Map(), problems: [] };
    const judged = new Map<string, string | undefined>();
    for (const { application, cluster, known } of members) {
      const digest = rendered.get(application.uid);
      const { spec } = application.document;
      const project = projects.get(spec.project);
      if (!digest || !project) continue;
      const bundle = await this.#bundles.get(digest);
      const isEmptyAllowed = spec.syncPolicy?.automated?.allowEmpty === true;
      const key = `${digest} ${spec.project} ${isEmptyAllowed}`;
      if (!judged.has(key)) judged.set(key, judge(bundle, project, isEmptyAllowed));
      const message = judged.get(key);
      if (message !== undefined) {
        checked.problems.push({ uid: application.uid, type: 'ComparisonError', message, isHolding: true });
        continue;
      }
      const isLocal = known?.isLocal === true || cluster === HUB_CLUSTER;
      checked.bundles.set(application.uid, isLocal ? await this.#split(bundle, digest, cluster) : { bundle: digest, cluster });
    }
    return checked;
  }

  /** The local cluster's agent gets what is not the hub's; without such a cluster the hub keeps all of it and says what it cannot apply. */
  async #split(bundle: Bundle, digest: string, cluster: string): Promise<{ bundle: string; hubBundle?: string; cluster: string }> {
    const rest = bundle.items.filter((item) => !isControlObject(item));
    if (cluster === HUB_CLUSTER || rest.length === 0) return { bundle: digest, hubBundle: digest, cluster: HUB_CLUSTER };
    if (rest.length === bundle.items.length) return { bundle: digest, cluster };
    const bytes = new TextEncoder().encode(canonicalJson({ items: rest }));
    const part = digestBytes(bytes);
    await this.#blobs.put([{ digest: part, bytes, sealed: false }]);
    return { bundle: part, hubBundle: digest, cluster };
  }
}

function judge(bundle: Bundle, project: AppProject, isEmptyAllowed: boolean): string | undefined {
  if (bundle.items.length === 0 && !isEmptyAllowed) {
    return 'the source renders to no object at all; what is deployed stays (syncPolicy.automated.allowEmpty permits an empty one)';
  }
  for (const item of bundle.items) {
    const { group, kind, name } = item;
    const verdict = checkResource(project, { group, kind, name, namespaced: item.namespace !== '' || !isClusterScoped(item) });
    if (!verdict.permitted) return verdict.reason;
  }
  return undefined;
}

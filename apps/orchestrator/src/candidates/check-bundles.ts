import type { BlobStore } from '@flotilla/blobs';
import { objectsOf } from '@flotilla/bundle';
import type { AppProject, Bundle, BundleItem } from '@flotilla/contracts';
import { type Clock, canonicalJson, digestBytes } from '@flotilla/kernel';
import { HUB_CLUSTER } from '../fleet/resolve-destination.js';
import { type AskedSecret, doubledTarget, targetItem } from '../secrets/asked-secret.js';
import { type AskedSecrets, readAskedSecrets } from '../secrets/read-asked-secrets.js';
import type { BundleCache } from './bundle-cache.js';
import { isControlObject } from './control-object.js';
import { AGENT_FALLBACK, judgeObjects, type Objection } from './judge-objects.js';
import { agreedScope, builtInScope, type GroupKind, kindKey, reportedScope, type Scope } from './kind-scope.js';
import { destinationFacts } from './place-members.js';
import type { Problem } from './problem.js';
import { readDefinedKinds } from './read-defined-kinds.js';
import type { Placed } from './render-members.js';
import type { ScopeClaim, ScopeStore } from './scope.store.js';

export interface Checked {
  /** What to assign: for a local cluster without the hub's own objects. */
  bundles: Map<string, { bundle: string; hubBundle?: string; cluster: string; asked: readonly AskedSecret[] }>;
  problems: Problem[];
}

/** What is to be known of a bundle, wherever it goes. */
interface Look {
  bundle: Bundle;
  /** Everything a project has a say in: objects, what asks for Secrets, and those Secrets. */
  objects: readonly BundleItem[];
  secrets: AskedSecrets;
  /** Kinds that are not built in. */
  foreign: GroupKind[];
  defines: readonly ScopeClaim[];
  /** Whether an object names its namespace itself. */
  namesNamespaces: boolean;
}

type Rendered = Placed & { digest: string; project: AppProject; look: Look };

export interface CheckBundlesParts {
  blobs: BlobStore;
  bundles: BundleCache;
  scopes: ScopeStore;
  clock: Clock;
}

/** Looks into bundles after rendering: whether the project permits their objects, whether anything is in them, and which part the hub itself takes. */
export class CheckBundles {
  readonly #parts: CheckBundlesParts;

  constructor(parts: CheckBundlesParts) {
    this.#parts = parts;
  }

  async check(
    members: readonly Placed[],
    rendered: ReadonlyMap<string, string>,
    projects: ReadonlyMap<string, AppProject>,
  ): Promise<Checked> {
    const checked: Checked = { bundles: new Map(), problems: [] };
    const found = await this.#look(members, rendered, projects);
    const claims = await this.#claims(found);
    const judged = new Map<string, Objection | undefined>();
    for (const member of found) {
      const { application, cluster, digest, look } = member;
      const key = judgementKey(member, claims.get(cluster));
      if (!judged.has(key)) judged.set(key, judge(member, claims.get(cluster)));
      const objection = judged.get(key);
      if (objection) {
        checked.problems.push(toProblem(application.uid, objection));
        continue;
      }
      const assigned = isLocal(member) ? await this.#split(look.bundle, digest, cluster) : { bundle: digest, cluster };
      checked.bundles.set(application.uid, { ...assigned, asked: look.secrets.asked });
    }
    await this.#record(found, checked);
    return checked;
  }

  async #look(
    members: readonly Placed[],
    rendered: ReadonlyMap<string, string>,
    projects: ReadonlyMap<string, AppProject>,
  ): Promise<Rendered[]> {
    const looks = new Map<string, Look>();
    const found: Rendered[] = [];
    for (const member of members) {
      const digest = rendered.get(member.application.uid);
      const project = projects.get(member.application.document.spec.project);
      if (!digest || !project) continue;
      const look = looks.get(digest) ?? (await this.#lookInto(digest));
      looks.set(digest, look);
      found.push({ ...member, digest, project, look });
    }
    return found;
  }

  async #lookInto(digest: string): Promise<Look> {
    const bundle = await this.#parts.bundles.get(digest);
    const foreign = new Map<string, GroupKind>();
    const secrets = await readAskedSecrets(bundle, this.#parts.blobs);
    const objects = [...objectsOf(bundle), ...secrets.asked.map(targetItem)];
    for (const { group, kind } of objects) if (!builtInScope({ group, kind })) foreign.set(kindKey({ group, kind }), { group, kind });
    const defines = await readDefinedKinds(bundle, this.#parts.blobs);
    const namesNamespaces = objects.some(({ namespace }) => namespace !== '');
    return { bundle, objects, secrets, foreign: [...foreign.values()], defines, namesNamespaces };
  }

  /** What other bundles of the same clusters define; asked only where a kind is not built in. */
  #claims(found: readonly Rendered[]): Promise<Map<string, ScopeClaim[]>> {
    const asking = found.filter(({ look }) => look.foreign.length > 0);
    const kinds = new Map(asking.flatMap(({ look }) => look.foreign.map((kind) => [kindKey(kind), kind] as const)));
    return this.#parts.scopes.assigned([...new Set(asking.map(({ cluster }) => cluster))], [...kinds.values()]);
  }

  async #record(found: readonly Rendered[], { bundles }: Checked): Promise<void> {
    const defining = new Map<string, readonly ScopeClaim[]>();
    for (const { application, look } of found) {
      const assigned = bundles.get(application.uid);
      if (assigned && look.defines.length > 0) defining.set(assigned.bundle, look.defines);
    }
    for (const [bundle, claims] of defining) await this.#parts.scopes.record(bundle, claims, this.#parts.clock.now());
  }

  /** The local cluster's agent gets what is not the hub's; without such a cluster the hub keeps all of it and says what it cannot apply. */
  async #split(bundle: Bundle, digest: string, cluster: string): Promise<{ bundle: string; hubBundle?: string; cluster: string }> {
    const rest = bundle.items.filter((item) => !isControlObject(item));
    const { references } = bundle;
    if (cluster === HUB_CLUSTER || (rest.length === 0 && !references)) return { bundle: digest, hubBundle: digest, cluster: HUB_CLUSTER };
    if (rest.length === bundle.items.length) return { bundle: digest, cluster };
    const bytes = new TextEncoder().encode(canonicalJson({ items: rest, ...(references ? { references } : {}) }));
    const part = digestBytes(bytes);
    await this.#parts.blobs.put([{ digest: part, bytes, sealed: false }]);
    return { bundle: part, hubBundle: digest, cluster };
  }
}

/** Members with equal keys get the same answer: a bundle of built-in kinds is judged once for all its clusters. */
function judgementKey(member: Rendered, claims: readonly ScopeClaim[] | undefined): string {
  const { application, cluster, digest, look } = member;
  const { spec } = application.document;
  const scopes = look.foreign.map((kind) => scopeOfForeign(member, claims, kind) ?? '?');
  const isPlaceBound = look.namesNamespaces || !spec.destination.namespace || scopes.includes('?');
  return JSON.stringify([
    digest,
    spec.project,
    isEmptyAllowed(member),
    isLocal(member),
    scopes,
    ...(isPlaceBound ? [cluster, spec.destination] : []),
  ]);
}

function judge(member: Rendered, claims: readonly ScopeClaim[] | undefined): Objection | undefined {
  const { application, cluster, known, project, look } = member;
  if (look.objects.length === 0 && !isEmptyAllowed(member)) {
    const message = 'the source renders to no object at all; what is deployed stays (syncPolicy.automated.allowEmpty permits an empty one)';
    return { message, isScopeUnknown: false };
  }
  const { destination: asDeclared } = application.document.spec;
  const message = look.secrets.problem ?? doubledTarget(look.bundle.items, look.secrets.asked, asDeclared.namespace || AGENT_FALLBACK);
  if (message) return { message, isScopeUnknown: false };
  const foreign = new Map(look.foreign.map((kind) => [kindKey(kind), scopeOfForeign(member, claims, kind)]));
  const scopeOf = (item: BundleItem): Scope | undefined => builtInScope(item) ?? foreign.get(kindKey(item));
  const destination = destinationFacts(asDeclared, known);
  return judgeObjects({ project, items: look.objects, scopeOf, destination, cluster, isLocal: isLocal(member) });
}

const isLocal = ({ cluster, known }: Placed): boolean => known?.isLocal === true || cluster === HUB_CLUSTER;

const isEmptyAllowed = ({ application }: Placed): boolean => application.document.spec.syncPolicy?.automated?.allowEmpty === true;

function scopeOfForeign({ known, look }: Rendered, claims: readonly ScopeClaim[] = [], kind: GroupKind): Scope | undefined {
  const defined = [...look.defines, ...claims].filter((claim) => claim.group === kind.group && claim.kind === kind.kind);
  const reported = reportedScope(known, kind);
  return agreedScope([...defined.map(({ scope }) => scope), ...(reported ? [reported] : [])]);
}

/** Condition of an application that waits until somebody says where objects of a kind live. */
const UNKNOWN_SCOPE = 'UnknownKindScope';
const SCOPE_AGAIN_MS = 300_000;

/** What nobody knows of one cluster holds nobody else; what a project refuses is refused for the release. */
function toProblem(uid: string, { message, isScopeUnknown }: Objection): Problem {
  if (isScopeUnknown) return { uid, type: UNKNOWN_SCOPE, message, isHolding: false, againMs: SCOPE_AGAIN_MS };
  return { uid, type: 'ComparisonError', message, isHolding: true };
}

import type { BlobStore } from '@flotilla/blobs';
import { type BrokerForm, brokerForm, type MadeBundle, makeBundle, objectsOf, parseBundle } from '@flotilla/bundle';
import { type Digest, digestJson, UnavailableError } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import { EmptySourceError, executePlan, findLatestTags, findPlainSecrets, type RenderPlan } from '@flotilla/render';
import { inSpan } from '@flotilla/telemetry';
import { findRandomness } from './find-randomness.js';
import type { CachedRender, RenderCacheStore, RenderCondition } from './render-cache.store.js';
import type { ToolRunner } from './tool-runner.js';

/** A result that was just confirmed is not asked for again; far below the grace of the blob store's sweep. */
const CONFIRMED_MS = 60_000;
const MAX_CONFIRMED = 10_000;
/** Names shown of objects a condition is about. */
const MAX_NAMES = 5;
const PLAIN_SECRET = 'plaintext Secret in a repository, for everybody who reads it; use an ExternalSecret or a SealedSecret';
const LATEST_TAG = 'an image tagged latest changes without a commit, so no release pins it; write a version or a digest';

/** Turns plans into stored bundles: once per render key, whoever asks and however often. */
export class RenderBundle {
  readonly #runner: ToolRunner;
  readonly #blobs: BlobStore;
  readonly #keyring: Keyring;
  readonly #cache: RenderCacheStore;
  readonly #now: () => number;
  readonly #running = new Map<string, Promise<CachedRender>>();
  readonly #confirmed = new Map<string, { render: CachedRender; until: number }>();

  constructor(runner: ToolRunner, blobs: BlobStore, keyring: Keyring, cache: RenderCacheStore, now: () => number) {
    this.#now = now;
    this.#runner = runner;
    this.#blobs = blobs;
    this.#keyring = keyring;
    this.#cache = cache;
  }

  /** @param allowEmpty no object at all is accepted, as `syncPolicy.automated.allowEmpty` says */
  async get(renderKey: string, plans: readonly RenderPlan[], allowEmpty: boolean): Promise<CachedRender> {
    const cached = await this.#once(renderKey, () => this.#render(renderKey, plans));
    if (cached.objects > 0 || allowEmpty) return cached;
    const paths = plans.map(({ path }) => JSON.stringify(path || '.')).join(', ');
    throw new EmptySourceError(
      `${paths} renders to no object at all; check path, include and recurse, or set spec.syncPolicy.automated.allowEmpty: true if that is meant`,
      { renderKey },
    );
  }

  /**
   * The same render for clusters whose secrets come from the hub's broker, under a key of its own; nothing is rendered again. What
   * holds no such objects is answered as it is.
   */
  async inBrokerForm(render: CachedRender): Promise<CachedRender> {
    const renderKey = digestJson({ render: render.renderKey, bundle: render.bundle, secrets: 'broker' });
    const own = await this.#once(renderKey, () => this.#transform(renderKey, render));
    if (own.bundle === render.bundle) return render;
    return { ...own, conditions: [...render.conditions, ...own.conditions] };
  }

  /** One look-up and at most one making per key at a time. */
  #once(renderKey: string, make: () => Promise<CachedRender>): Promise<CachedRender> {
    const confirmed = this.#confirmed.get(renderKey);
    if (confirmed && confirmed.until > this.#now()) return Promise.resolve(confirmed.render);
    const running = this.#running.get(renderKey) ?? this.#find(renderKey, make).finally(() => this.#running.delete(renderKey));
    this.#running.set(renderKey, running);
    return running;
  }

  async #find(renderKey: string, make: () => Promise<CachedRender>): Promise<CachedRender> {
    const render = (await this.#cached(renderKey)) ?? (await make());
    this.#confirmed.delete(renderKey);
    this.#confirmed.set(renderKey, { render, until: this.#now() + CONFIRMED_MS });
    for (const oldest of this.#confirmed.keys()) {
      if (this.#confirmed.size <= MAX_CONFIRMED) break;
      this.#confirmed.delete(oldest);
    }
    return render;
  }

  async #cached(renderKey: string): Promise<CachedRender | undefined> {
    const [cached] = await this.#cache.get([renderKey]);
    if (!cached) return undefined;
    if (await this.#isStored(cached.bundle as Digest)) return cached;
    await this.#cache.forget(renderKey);
    return undefined;
  }

  /** Asking also marks the blobs as used, so that a bundle that waits for its release outlives the sweep whole. */
  async #isStored(bundle: Digest): Promise<boolean> {
    const [blob] = await this.#blobs.get([bundle]);
    if (!blob) return false;
    const objects = objectsOf(parseBundle(Buffer.from(blob.bytes).toString(), bundle));
    return (await this.#blobs.missing([bundle, ...objects.map(({ digest }) => digest as Digest)])).length === 0;
  }

  async #transform(renderKey: string, { bundle }: CachedRender): Promise<CachedRender> {
    const [blob] = await this.#blobs.get([bundle as Digest]);
    if (!blob) throw new UnavailableError(`bundle ${bundle} is not in the blob store`, { bundle });
    const plain = parseBundle(Buffer.from(blob.bytes).toString(), bundle);
    const form = brokerForm(plain);
    if (!form) return this.#cache.keepFirst({ renderKey, bundle, objects: plain.items.length, conditions: [] });
    const { digest, text } = form.blob;
    await this.#blobs.put([{ digest, bytes: Buffer.from(text), sealed: false }]);
    return this.#cache.keepFirst({ renderKey, bundle: digest, objects: objectsOf(form.bundle).length, conditions: storesLeftOut(form) });
  }

  #render(renderKey: string, plans: readonly RenderPlan[]): Promise<CachedRender> {
    return inSpan('render', { attributes: { 'flotilla.render_key': renderKey } }, async () => {
      const { made, conditions } = await this.#execute(plans);
      await this.#blobs.put(made.blobs.map(({ digest, text, sealed }) => ({ digest, bytes: Buffer.from(text), sealed })));
      const stored = await this.#cache.keepFirst({ renderKey, bundle: made.digest, objects: made.bundle.items.length, conditions });
      const again = stored.bundle === made.digest ? await this.#secondOutput(plans, made) : made;
      if (again === undefined || again.digest === stored.bundle) return stored;
      const condition = nonDeterministic(made, again);
      await this.#cache.addCondition(renderKey, condition);
      return { ...stored, conditions: [...stored.conditions.filter(({ type }) => type !== condition.type), condition] };
    });
  }

  async #execute(plans: readonly RenderPlan[]): Promise<{ made: MadeBundle; conditions: RenderCondition[] }> {
    const rendered = await Promise.all(plans.map((plan) => executePlan(plan, this.#runner.run)));
    const made = makeBundle(
      rendered.flatMap(({ objects }) => objects),
      (text) => this.#keyring.hmac('bundle-secret', text),
    );
    const warnings: RenderCondition[] = rendered.flatMap((one) => one.warnings);
    const hooks = made.bundle.items.filter(({ hook }) => hook !== undefined).map(({ kind, name }) => `${kind}/${name}`);
    if (hooks.length > 0) warnings.push({ type: 'HookSkipped', message: `hooks are neither run nor pruned yet: ${named(hooks)}` });
    const latest = findLatestTags(rendered.flatMap(({ objects }) => objects.map(({ object }) => object)));
    if (latest.length > 0) warnings.push({ type: 'LatestTag', message: `${LATEST_TAG}: ${named(latest)}` });
    // What a chart makes of its values may stand nowhere in the source.
    const written = rendered.filter((_, i) => plans[i]!.command?.tool !== 'helm').flatMap(({ objects }) => objects);
    const plain = findPlainSecrets(written.map(({ object }) => object));
    if (plain.length > 0) warnings.push({ type: 'PlainSecret', message: `${PLAIN_SECRET}: ${named(plain)}` });
    return { made, conditions: warnings };
  }

  /** A second run where the source can draw random values; it costs a render once per key, and only for such charts. */
  async #secondOutput(plans: readonly RenderPlan[], first: MadeBundle): Promise<MadeBundle | undefined> {
    const random = await Promise.all(plans.map(findRandomness));
    if (!random.some(Boolean)) return undefined;
    const { made } = await this.#execute(plans);
    return made.digest === first.digest ? undefined : made;
  }
}

function storesLeftOut({ stores }: BrokerForm): RenderCondition[] {
  if (stores.length === 0) return [];
  const message = `the hub's broker gives this cluster its secrets, so stores are documents of the hub and not applied here: ${named(stores)}. Apply them to the hub (kubectl apply), or set spec.secrets: cluster on the Cluster`;
  return [{ type: 'SecretStoreSkipped', message }];
}

function nonDeterministic(first: MadeBundle, second: MadeBundle): RenderCondition {
  const before = new Map(first.bundle.items.map((item) => [`${item.kind}/${item.name}`, item.digest]));
  const differing = second.bundle.items
    .map((item) => [`${item.kind}/${item.name}`, item.digest] as const)
    .filter(([key, digest]) => before.get(key) !== digest);
  return {
    type: 'NonDeterministic',
    message: `two renders of the same input differ in ${named(differing.map(([key]) => key)) || 'their set of objects'}; the first is kept. Pin generated passwords and certificates in values or a Secret`,
  };
}

function named(names: readonly string[]): string {
  const rest = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

import { type Application, type ApplicationSource, type RenderReply, type RenderRequest, sourcesOf } from '@flotilla/contracts';
import { digestJson, FlotillaError, InvalidInputError, messageOf, NotFoundError } from '@flotilla/kernel';
import { planRender, type RenderContext, type RenderPlan, renderKey, type SourceTree } from '@flotilla/render';
import type { ResourceStore } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import type { Repositories } from '../resolving/repositories.js';
import { toVerbError } from '../resolving/verb-error.js';
import type { RenderBundle } from './render-bundle.js';
import type { ToolRunner } from './tool-runner.js';

type RenderItem = RenderRequest['items'][number];
type RenderAnswer = RenderReply['items'][number];

/** Applications worked on at once within one request. */
const PARALLEL = 16;

/** Verb `render`: each application by itself; what one cannot render is its own error and nobody else's. */
export class RenderApplications {
  readonly #store: ResourceStore;
  readonly #repositories: Repositories;
  readonly #runner: ToolRunner;
  readonly #bundles: RenderBundle;
  readonly #logger: Logger;

  constructor(store: ResourceStore, repositories: Repositories, runner: ToolRunner, bundles: RenderBundle, logger: Logger) {
    this.#store = store;
    this.#repositories = repositories;
    this.#runner = runner;
    this.#bundles = bundles;
    this.#logger = logger;
  }

  async render({ items }: RenderRequest): Promise<RenderReply> {
    const answers = new Array<RenderAnswer>(items.length);
    const applications = await Promise.all(
      items.map(({ namespace, name }) => this.#store.get<Application>({ kind: 'Application', namespace, name })),
    );
    let next = 0;
    const work = async () => {
      for (let i = next++; i < items.length; i = next++) answers[i] = await this.#answer(items[i]!, applications[i]);
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, work));
    return { items: answers };
  }

  async #answer(item: RenderItem, application: Application | undefined): Promise<RenderAnswer> {
    try {
      return await this.#renderOne(item, application);
    } catch (error) {
      if (error instanceof FlotillaError) return { uid: item.uid, error: toVerbError(error) };
      this.#logger.error('a render failed', { application: `${item.namespace}/${item.name}`, error });
      return { uid: item.uid, error: { code: 'internal', message: `the renderer failed: ${messageOf(error)}`, retry: 'later' } };
    }
  }

  async #renderOne(item: RenderItem, application: Application | undefined): Promise<RenderAnswer> {
    if (!application || application.metadata.uid !== item.uid) {
      throw new NotFoundError(`Application ${item.namespace}/${item.name} with uid ${item.uid} does not exist`, { uid: item.uid });
    }
    const plans = await this.#plan(application, item);
    const keys = await Promise.all(
      plans.map(async (plan) => renderKey(plan, plan.command ? await this.#runner.version(plan.command.tool) : '')),
    );
    const key = keys.length === 1 ? keys[0]! : digestJson(keys);
    const allowEmpty = application.spec.syncPolicy?.automated?.allowEmpty ?? false;
    const { bundle, objects, conditions } = await this.#bundles.get(key, plans, allowEmpty);
    const planned = plans.flatMap(({ warnings }) => warnings);
    return { uid: item.uid, bundle, renderKey: key, objects, conditions: distinct([...planned, ...conditions]) };
  }

  async #plan(application: Application, item: RenderItem): Promise<RenderPlan[]> {
    const sources = sourcesOf(application.spec);
    if (sources.length === 0) throw new InvalidInputError('spec.source is missing', { uid: item.uid });
    if (item.commits.length !== sources.length) {
      throw new InvalidInputError(`${sources.length} sources but ${item.commits.length} commits; the application changed meanwhile`, {
        uid: item.uid,
      });
    }
    const trees = await Promise.all(sources.map((source, i) => this.#tree(source, item.commits[i]!, application.spec.project)));
    const refs = new Map<string, SourceTree>();
    for (const [i, source] of sources.entries()) if (source.ref && trees[i]) refs.set(source.ref, trees[i]);
    const rendered = sources.flatMap((source, i) => (isRendered(source, sources.length) ? [{ source, i }] : []));
    return Promise.all(
      rendered.map(({ source, i }) => planRender(source, trees[i] ?? EMPTY_TREE, contextOf(application, item, item.commits[i]!, refs))),
    );
  }

  async #tree(source: ApplicationSource, commit: string, project: string): Promise<SourceTree | undefined> {
    // A chart repository is no Git repository: planning refuses it with its own words.
    if (source.chart !== undefined) return undefined;
    await this.#repositories.checkProject(source.repoURL, project);
    const repository = this.#repositories.at(source.repoURL);
    await repository.ensure(commit);
    return repository.mirror.tree(commit);
  }
}

const EMPTY_TREE: SourceTree = { entries: new Map(), read: () => Promise.reject(new NotFoundError('an empty tree has no files')) };

/** A source that only lends its files by `ref` has no path and renders nothing itself. */
function isRendered(source: ApplicationSource, count: number): boolean {
  return count === 1 || source.ref === undefined || source.path !== undefined || source.chart !== undefined;
}

function contextOf(application: Application, item: RenderItem, revision: string, refs: ReadonlyMap<string, SourceTree>): RenderContext {
  const { metadata, spec } = application;
  return {
    name: metadata.name,
    namespace: item.namespace,
    project: spec.project,
    destinationNamespace: spec.destination.namespace ?? '',
    revision,
    kubernetesVersion: item.kubernetesVersion,
    apiVersions: item.apiVersions,
    refs,
  };
}

function distinct(conditions: readonly { type: string; message: string }[]): { type: string; message: string }[] {
  return [...new Map(conditions.map(({ type, message }) => [`${type} ${message}`, { type, message }])).values()];
}

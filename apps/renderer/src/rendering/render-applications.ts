import { type Application, type ApplicationSource, type RenderReply, type RenderRequest, sourcesOf } from '@flotilla/contracts';
import { digestJson, FlotillaError, InvalidInputError, messageOf, NotFoundError } from '@flotilla/kernel';
import { planRender, type RenderContext, type RenderPlan, renderKey, type SourceTree } from '@flotilla/render';
import type { ResourceStore } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import type { KeptRenders } from '../changes/kept-renders.js';
import { renderInputs } from '../changes/render-inputs.js';
import type { Repositories } from '../resolving/repositories.js';
import type { Repository } from '../resolving/repository.js';
import { toVerbError } from '../resolving/verb-error.js';
import type { RenderBundle } from './render-bundle.js';
import type { ToolRunner } from './tool-runner.js';

type RenderItem = RenderRequest['items'][number];
type RenderAnswer = RenderReply['items'][number];

/** Applications worked on at once within one request. */
const PARALLEL = 16;

export interface RenderParts {
  store: ResourceStore;
  repositories: Repositories;
  runner: ToolRunner;
  bundles: RenderBundle;
  /** Spares applications that a commit does not touch their plan and render key. */
  kept: KeptRenders;
  logger: Logger;
}

/** A source at its pinned commit; a chart repository is no Git repository, and planning refuses it with its own words. */
interface Located {
  source: ApplicationSource;
  commit: string;
  repository: Repository | undefined;
}

/** Verb `render`: each application by itself; what one cannot render is its own error and nobody else's. */
export class RenderApplications {
  readonly #parts: RenderParts;

  constructor(parts: RenderParts) {
    this.#parts = parts;
  }

  async render({ items }: RenderRequest): Promise<RenderReply> {
    const answers = new Array<RenderAnswer>(items.length);
    const applications = await Promise.all(
      items.map(({ namespace, name }) => this.#parts.store.get<Application>({ kind: 'Application', namespace, name })),
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
      this.#parts.logger.error('a render failed', { application: `${item.namespace}/${item.name}`, error });
      return { uid: item.uid, error: { code: 'internal', message: `the renderer failed: ${messageOf(error)}`, retry: 'later' } };
    }
  }

  async #renderOne(item: RenderItem, application: Application | undefined): Promise<RenderAnswer> {
    if (!application || application.metadata.uid !== item.uid) {
      throw new NotFoundError(`Application ${item.namespace}/${item.name} with uid ${item.uid} does not exist`, { uid: item.uid });
    }
    const { runner, bundles, kept } = this.#parts;
    const located = await this.#locate(application, item);
    const sources = located.flatMap(({ repository, commit }) =>
      repository ? [{ href: repository.href, commit, comparison: repository.mirror }] : [],
    );
    const inputs = renderInputs(application, item);
    const last = await kept.find(item.uid, inputs, sources);
    if (last) return last;
    const { plans, reads } = await planAll(application, item, located);
    const keys = await Promise.all(plans.map(async (plan) => renderKey(plan, plan.command ? await runner.version(plan.command.tool) : '')));
    const key = keys.length === 1 ? keys[0]! : digestJson(keys);
    const allowEmpty = application.spec.syncPolicy?.automated?.allowEmpty ?? false;
    const rendered = await bundles.get(key, plans, allowEmpty);
    const form = item.secrets === 'broker' ? await bundles.inBrokerForm(rendered) : rendered;
    const { bundle, objects, conditions } = form;
    const planned = plans.flatMap(({ warnings }) => warnings);
    const answer = { uid: item.uid, bundle, renderKey: form.renderKey, objects, conditions: distinct([...planned, ...conditions]) };
    kept.keep({ uid: item.uid, inputs, sources: sources.map(({ href, commit }) => ({ href, commit })), reads, answer });
    return answer;
  }

  async #locate(application: Application, item: RenderItem): Promise<Located[]> {
    const sources = sourcesOf(application.spec);
    if (sources.length === 0) throw new InvalidInputError('spec.source is missing', { uid: item.uid });
    if (item.commits.length !== sources.length) {
      throw new InvalidInputError(`${sources.length} sources but ${item.commits.length} commits; the application changed meanwhile`, {
        uid: item.uid,
      });
    }
    const { repositories } = this.#parts;
    return Promise.all(
      sources.map(async (source, i) => {
        const commit = item.commits[i]!;
        if (source.chart !== undefined) return { source, commit, repository: undefined };
        await repositories.checkProject(source.repoURL, application.spec.project);
        const repository = repositories.at(source.repoURL);
        await repository.ensure(commit);
        return { source, commit, repository };
      }),
    );
  }
}

async function planAll(
  application: Application,
  item: RenderItem,
  located: readonly Located[],
): Promise<{ plans: RenderPlan[]; reads: { href: string; path: string }[] }> {
  const trees = await Promise.all(located.map(({ repository, commit }) => repository?.mirror.tree(commit)));
  const refs = new Map<string, SourceTree>();
  const hrefs = new Map<SourceTree, string>();
  for (const [i, { source, repository }] of located.entries()) {
    const tree = trees[i];
    if (source.ref && tree) refs.set(source.ref, tree);
    if (repository && tree) hrefs.set(tree, repository.href);
  }
  const rendered = located.flatMap(({ source, commit }, i) => (isRendered(source, located.length) ? [{ source, commit, i }] : []));
  const plans = await Promise.all(
    rendered.map(({ source, commit, i }) => planRender(source, trees[i] ?? EMPTY_TREE, contextOf(application, item, commit, refs))),
  );
  return { plans, reads: plans.flatMap(({ reads }) => reads.map(({ tree, path }) => ({ href: hrefs.get(tree)!, path }))) };
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

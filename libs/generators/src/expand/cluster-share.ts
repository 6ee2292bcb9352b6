import { type ApplicationSet, LOCAL_SERVER } from '@flotilla/contracts';
import { clusterUseOf } from '../generator/cluster-use.js';
import type { ClusterEntry, GeneratorPorts } from '../generator/generator.js';
import { readEntry } from '../generator/read-entry.js';
import { type GeneratedSets, runEntry } from '../generator/run-entry.js';
import type { TemplateMode } from '../generator/template-mode.js';
import { GoMode } from '../go/go-mode.js';
import { GoApplications } from '../go/render-go-sets.js';
import { type ApplicationTemplateCode, compileApplicationTemplate } from './application-template.js';
import { projectOf, readMode, templateOf } from './expand-set.js';
import type { GeneratedApplication } from './expansion.js';
import { holdNames } from './hold-names.js';
import { renderSets } from './render-sets.js';
import type { Rendered } from './rendered.js';
import { hasTypedAutomation } from './template-findings.js';
import { WarningList } from './warning-list.js';

/**
 * The applications that one cluster alone stands for in a set, so that a change of one cluster costs as much as that cluster has
 * applications. Templates are compiled once for all shares of a set.
 */
export class ClusterShares {
  readonly #set: ApplicationSet;
  readonly #mode: TemplateMode;
  /** Places in `generators` whose sets are those of each cluster. */
  readonly #entries: readonly number[];
  readonly #go = new Map<string, GoApplications>();
  readonly #plain = new Map<string, ApplicationTemplateCode>();

  private constructor(set: ApplicationSet, mode: TemplateMode, entries: readonly number[]) {
    this.#set = set;
    this.#mode = mode;
    this.#entries = entries;
  }

  /**
   * Undefined when some generator can only be expanded over all clusters together: flat lists, merges, decisions, matrices whose
   * selectors another generator fills.
   *
   * @throws GeneratorError, RenderTemplateError as `expandSet` does
   */
  static of(set: ApplicationSet): ClusterShares | undefined {
    const uses = set.spec.generators.map((entry, i) => readEntry(entry, `generators[${i}]`).uses.map(clusterUseOf));
    if (uses.some((own) => own.includes('whole'))) return undefined;
    const entries = uses.flatMap((own, i) => (own.includes('each') ? [i] : []));
    return new ClusterShares(set, readMode(set), entries);
  }

  /**
   * Undefined when only a whole expansion can tell: the share says something of its own (a warning, a name that is held), or the
   * cluster is the one the hub runs in, in whose absence that one is added.
   *
   * @throws GeneratorError, GeneratorInputError, RenderTemplateError, TemplateError as `expandSet` does
   */
  async of(cluster: ClusterEntry, ports: GeneratorPorts): Promise<readonly GeneratedApplication[] | undefined> {
    if (cluster.server === LOCAL_SERVER) return undefined;
    const warnings = new WarningList();
    const run = {
      warn: (warning: string) => warnings.add(warning),
      mode: this.#mode,
      projectOf: (template: unknown) => projectOf(this.#set, template),
    };
    const part = partOf(ports, [cluster]);
    const rendered: Rendered[] = [];
    for (const i of this.#entries) {
      const results = await runEntry(this.#set.spec.generators[i], i, part, run);
      for (const result of results) if (result.sets.length > 0) rendered.push(...this.#render(result, warnings));
    }
    const { applications, held } = holdNames(rendered);
    const isRemarkable = warnings.list().length > 0 || held.length > 0;
    return isRemarkable || [...this.#plain.values()].some(({ document }) => hasTypedAutomation(document)) ? undefined : applications;
  }

  #render(result: GeneratedSets, warnings: WarningList): Rendered[] {
    if (this.#mode instanceof GoMode) {
      const { path } = result;
      const go = this.#go.get(path) ?? new GoApplications(templateOf(this.#set, result), this.#set, this.#mode);
      this.#go.set(path, go);
      return go.render(result.sets);
    }
    const code = this.#plain.get(result.path) ?? compileApplicationTemplate(templateOf(this.#set, result), this.#set);
    this.#plain.set(result.path, code);
    return renderSets(result.sets, code, warnings);
  }
}

/** The same ports with some of the clusters. */
function partOf(ports: GeneratorPorts, clusters: readonly ClusterEntry[]): GeneratorPorts {
  return {
    ...ports,
    isPart: true,
    clusters: async () => clusters,
    ...(ports.ofProject ? { ofProject: (project) => partOf(ports.ofProject!(project), clusters) } : {}),
  };
}

import type { ApplicationSet } from '@flotilla/contracts';
import { type ExpansionObserver, expandSet, templateOf } from '../expand/expand-set.js';
import { lintSet } from '../expand/lint-set.js';
import { RefusedApplication, RenderedApplication } from '../expand/rendered.js';
import type { GeneratorPorts, UnmatchedSet } from '../generator/generator.js';
import type { GeneratedSets } from '../generator/run-entry.js';
import type { ParamSet } from '../params/params.js';
import { findParameter, leavesOf } from './find-parameter.js';
import { type ManifestPlace, SourceLocator } from './locate-source.js';
import { recordPorts } from './recording-ports.js';
import type { SetTrace, TracedApplication, TracedParameter, UnmatchedOverlay } from './set-trace.js';
import { mentionsOfGenerators, type NamedParameter, type TemplateUses, usesOfTemplate } from './template-uses.js';
import { unusedParameters } from './unused-parameters.js';

/** Applications one trace lists at most, as each has many parameters. */
export const MAX_TRACED_APPLICATIONS = 5_000;
/** Overlays without a partner that one trace lists at most. */
const MAX_UNMATCHED = 1_000;

export interface TraceOptions {
  /** Where the set was read from; without it, places in the set are named by field alone. */
  manifest?: ManifestPlace;
  /** The applications to list; all by default. */
  names?: readonly string[];
}

/**
 * Expands a set and tells for every application where each parameter of its template comes from. The expansion is the usual one;
 * provenance is worked out from it afterwards.
 *
 * @throws what `expandSet` throws
 */
export async function traceSet(set: ApplicationSet, ports: GeneratorPorts, options: TraceOptions = {}): Promise<SetTrace> {
  const { ports: recording, read } = recordPorts(ports);
  const results: GeneratedSets[] = [];
  const unmatched: UnmatchedSet[] = [];
  const observer: ExpansionObserver = {
    unmatched: (finding) => void unmatched.push(finding),
    generated: (given) => void results.push(...given),
  };
  const expansion = await expandSet(set, recording, observer);
  const locator = new SourceLocator(set, read, options.manifest);
  const uses = new Map(results.map((result) => [result, usesOfTemplate(templateOf(set, result), set)]));
  const usesOf = new Map(results.flatMap((result) => result.sets.map((one) => [one, uses.get(result)!])));
  const isGo = set.spec.goTemplate === true;
  const wanted = options.names && new Set(options.names);
  const all = [...expansion.applications, ...expansion.held]
    .filter((one) => one instanceof RenderedApplication || one instanceof RefusedApplication)
    .filter(({ name }) => wanted?.has(name) !== false)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const applications = all.slice(0, MAX_TRACED_APPLICATIONS).map((one): TracedApplication => {
    const parameters = (usesOf.get(one.set)?.parameters ?? []).map((named) => traceOne(named, one.set, isGo, locator));
    return { name: one.name, ...(one instanceof RefusedApplication ? { held: one.message } : {}), parameters };
  });
  return {
    set: set.metadata.name,
    applications,
    more: all.length - applications.length,
    unused: unusedOf(set, results, [...uses.values()], locator),
    unmatched: unmatched.slice(0, MAX_UNMATCHED).map((finding) => overlayOf(finding, locator)),
    findings: [...new Set([...expansion.warnings, ...lintSet(set), ...leftOut(unmatched.length - MAX_UNMATCHED)])],
  };
}

const leftOut = (count: number): string[] => (count > 0 ? [`${count} more overlays matched nothing and are not listed`] : []);

function traceOne({ name, fields, fallback }: NamedParameter, set: ParamSet, isGo: boolean, locator: SourceLocator): TracedParameter {
  const [found, ...others] = findParameter(set, name, isGo);
  if (!found || (found.value === '' && fallback !== undefined)) {
    return {
      name,
      fields,
      ...(fallback === undefined ? {} : { value: fallback, source: locator.locateDefault(fields[0]!) }),
    };
  }
  const overridden = others.map(({ value, leaf }) => ({ value, source: locator.locate(leaf, name) }));
  return { name, value: found.value, fields, source: locator.locate(found.leaf, name), ...(overridden.length > 0 ? { overridden } : {}) };
}

function overlayOf({ set, against }: UnmatchedSet, locator: SourceLocator): UnmatchedOverlay {
  return { source: locator.locate(leavesOf(set).at(-1)!, ''), against: `spec.${against}` };
}

function unusedOf(
  set: ApplicationSet,
  results: readonly GeneratedSets[],
  uses: readonly TemplateUses[],
  locator: SourceLocator,
): SetTrace['unused'] {
  const mentions = mentionsOfGenerators(set);
  if (mentions.takesAll || uses.some(({ takesAll }) => takesAll)) return [];
  for (const { parameters } of uses) for (const { name } of parameters) mentions.names.add(name);
  return unusedParameters(
    results.flatMap(({ sets }) => sets),
    mentions.names,
    locator,
  );
}

import type { ApplicationSet } from '@flotilla/contracts';
import type { GeneratorPorts, UnmatchedSet } from '../generator/generator.js';
import { type GeneratedSets, runEntry } from '../generator/run-entry.js';
import { plainMode, type TemplateMode } from '../generator/template-mode.js';
import { GoMode } from '../go/go-mode.js';
import { GoApplications } from '../go/render-go-sets.js';
import { type ApplicationTemplateCode, compileApplicationTemplate } from './application-template.js';
import { RenderTemplateError } from './expand.errors.js';
import type { Expansion } from './expansion.js';
import { holdNames } from './hold-names.js';
import { overrideTemplate } from './override-template.js';
import { renderSets } from './render-sets.js';
import { type Rendered, RenderedApplication } from './rendered.js';
import { warnOfDefaults, warnOfTypedLeaves, warnOfUnusedElements } from './template-findings.js';
import { WarningList } from './warning-list.js';

/** Who wants to know how the applications came about; without one nothing is kept for it. */
export interface ExpansionObserver {
  unmatched(finding: UnmatchedSet): void;
  generated(results: readonly GeneratedSets[]): void;
}

/**
 * The applications a set stands for. The set's namespace must be set: every application gets it.
 *
 * @throws GeneratorError, GeneratorInputError, RenderTemplateError, TemplateError: nothing is known then, so nothing may be
 * created, changed or deleted.
 */
export async function expandSet(set: ApplicationSet, ports: GeneratorPorts, observer?: ExpansionObserver): Promise<Expansion> {
  const mode = readMode(set);
  const warnings = new WarningList();
  if (!mode.isGo) for (const warning of warnOfUnusedElements(set.spec)) warnings.add(warning);
  const results: GeneratedSets[] = [];
  const run = {
    warn: (warning: string) => warnings.add(warning),
    mode,
    unmatched: observer?.unmatched,
    projectOf: (template: unknown) => projectOf(set, template),
  };
  for (const [i, entry] of set.spec.generators.entries()) {
    results.push(...(await runEntry(entry, i, ports, run)));
  }
  observer?.generated(results);
  if (mode instanceof GoMode) return expansionOf(renderGo(set, results, mode), warnings);
  const codes = compileTemplates(set, results);
  for (const { document } of new Set(codes)) for (const warning of warnOfDefaults(document)) warnings.add(warning);
  const all = results.map(({ sets }, i) => renderSets(sets, codes[i]!, warnings));
  const rendered = all.length === 1 ? all[0]! : all.flat();
  for (const { document } of new Set(codes)) {
    if (document.typed.length === 0) continue;
    for (const warning of warnOfTypedLeaves(document, rendered.filter(isWritten))) warnings.add(warning);
  }
  return expansionOf(rendered, warnings);
}

const isWritten = (one: Rendered): one is RenderedApplication => one instanceof RenderedApplication;

function expansionOf(rendered: readonly Rendered[], warnings: WarningList): Expansion {
  return { ...holdNames(rendered), warnings: warnings.list() };
}

export function readMode({ spec }: ApplicationSet): TemplateMode {
  if (spec.goTemplate) return new GoMode(spec.goTemplateOptions ?? []);
  if (spec.templatePatch) throw new RenderTemplateError('spec.templatePatch needs spec.goTemplate: true; nothing is changed');
  return plainMode;
}

function renderGo(set: ApplicationSet, results: readonly GeneratedSets[], mode: GoMode): Rendered[] {
  return results.flatMap((result) => new GoApplications(templateOf(set, result), set, mode).render(result.sets));
}

/** The project as the effective template of a generator names it; a `templatePatch` never changes it. Undefined when a parameter does. */
export function projectOf(set: ApplicationSet, template: unknown): string | undefined {
  const whole = template === undefined ? set.spec.template : overrideTemplate(template, set.spec.template);
  const project = (whole as { spec?: { project?: unknown } } | undefined)?.spec?.project ?? '';
  return typeof project === 'string' && !project.includes('{{') ? project : undefined;
}

/** The set's template, with the generator's own laid over it. */
export function templateOf(set: ApplicationSet, { template, path }: GeneratedSets): unknown {
  const whole = template === undefined ? set.spec.template : overrideTemplate(template, set.spec.template);
  if ((whole as { metadata?: { name?: unknown } } | undefined)?.metadata?.name === undefined) {
    throw new RenderTemplateError(`spec.template.metadata.name is required, and ${path} has no template with one`);
  }
  return whole;
}

/** Mostly one template for all generators, so it is compiled once. */
function compileTemplates(set: ApplicationSet, results: readonly GeneratedSets[]): ApplicationTemplateCode[] {
  let plain: ApplicationTemplateCode | undefined;
  return results.map((result) => {
    const whole = templateOf(set, result);
    if (result.template !== undefined) return compileApplicationTemplate(whole, set);
    plain ??= compileApplicationTemplate(whole, set);
    return plain;
  });
}

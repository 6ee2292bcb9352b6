import type { ApplicationSet } from '@flotilla/contracts';
import type { GeneratorPorts } from '../generator/generator.js';
import { type GeneratedSets, runEntry } from '../generator/run-entry.js';
import { plainMode } from '../generator/template-mode.js';
import { type ApplicationTemplateCode, compileApplicationTemplate } from './application-template.js';
import { RenderTemplateError, UnsupportedTemplateError } from './expand.errors.js';
import type { Expansion } from './expansion.js';
import { holdNames } from './hold-names.js';
import { overrideTemplate } from './override-template.js';
import { renderSets } from './render-sets.js';
import { RefusedApplication, RenderedApplication } from './rendered.js';
import { warnOfDefaults, warnOfTypedLeaves, warnOfUnusedElements } from './template-findings.js';
import { WarningList } from './warning-list.js';

/**
 * The applications a set stands for. The set's namespace must be set: every application gets it.
 *
 * @throws GeneratorError, GeneratorInputError, RenderTemplateError, TemplateError: nothing is known then, so nothing may be
 * created, changed or deleted.
 */
export async function expandSet(set: ApplicationSet, ports: GeneratorPorts): Promise<Expansion> {
  refuseUnsupported(set);
  const warnings = new WarningList();
  for (const warning of warnOfUnusedElements(set.spec)) warnings.add(warning);
  const results: GeneratedSets[] = [];
  for (const [i, entry] of set.spec.generators.entries()) {
    results.push(...(await runEntry(entry, i, ports, { warn: (warning) => warnings.add(warning), mode: plainMode })));
  }
  const codes = compileTemplates(set, results);
  for (const { document } of new Set(codes)) for (const warning of warnOfDefaults(document)) warnings.add(warning);
  const rendered = holdNames(results.flatMap(({ sets }, i) => renderSets(sets, codes[i]!, warnings)));
  const applications = rendered.filter((one) => one instanceof RenderedApplication);
  for (const { document } of new Set(codes)) for (const warning of warnOfTypedLeaves(document, applications)) warnings.add(warning);
  return { applications, held: rendered.filter((one) => one instanceof RefusedApplication), warnings: warnings.list() };
}

function refuseUnsupported({ spec }: ApplicationSet): void {
  if (spec.goTemplate) {
    throw new UnsupportedTemplateError('spec.goTemplate: Go templates are not expanded by this version; nothing is changed');
  }
  if (spec.templatePatch) {
    throw new UnsupportedTemplateError('spec.templatePatch is not applied by this version; nothing is changed');
  }
}

/** Mostly one template for all generators, so it is compiled once. */
function compileTemplates(set: ApplicationSet, results: readonly GeneratedSets[]): ApplicationTemplateCode[] {
  let plain: ApplicationTemplateCode | undefined;
  return results.map(({ template, path }) => {
    const whole = template === undefined ? set.spec.template : overrideTemplate(template, set.spec.template);
    if ((whole as { metadata?: { name?: unknown } } | undefined)?.metadata?.name === undefined) {
      throw new RenderTemplateError(`spec.template.metadata.name is required, and ${path} has no template with one`);
    }
    if (template !== undefined) return compileApplicationTemplate(whole, set);
    plain ??= compileApplicationTemplate(whole, set);
    return plain;
  });
}

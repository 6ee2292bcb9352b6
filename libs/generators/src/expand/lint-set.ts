import type { ApplicationSet } from '@flotilla/contracts';
import { TemplateError } from '@flotilla/templating';
import { compileApplicationTemplate } from './application-template.js';
import { warnOfDefaults, warnOfTypedLeaves, warnOfUntypedElements, warnOfUnusedElements } from './template-findings.js';

/** Mistakes the document alone shows, without clusters or repositories; said when it is written. */
export function lintSet(set: ApplicationSet): string[] {
  const own = [...warnOfUntypedElements(set.spec), ...warnOfUnusedElements(set.spec)];
  try {
    const { document } = compileApplicationTemplate(set.spec.template, set);
    return [...own, ...warnOfDefaults(document), ...warnOfTypedLeaves(document, [])];
  } catch (error) {
    if (error instanceof TemplateError) return [...own, `spec.template: ${error.message}`];
    throw error;
  }
}

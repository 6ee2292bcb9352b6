import type { ApplicationSet } from '@flotilla/contracts';
import { compileGoTemplate, TemplateError } from '@flotilla/templating';
import { GoMode } from '../go/go-mode.js';
import { GoApplications } from '../go/render-go-sets.js';
import { compileApplicationTemplate } from './application-template.js';
import { RenderTemplateError } from './expand.errors.js';
import { lintDirectoryNames } from './lint-directory-names.js';
import { warnOfDefaults, warnOfTypedLeaves, warnOfUntypedElements, warnOfUnusedElements } from './template-findings.js';

/** Mistakes the document alone shows, without clusters or repositories; said when it is written. */
export function lintSet(set: ApplicationSet): string[] {
  return [...(set.spec.goTemplate ? lintGoSet(set) : lintPlainSet(set)), ...lintDirectoryNames(set)];
}

function lintPlainSet(set: ApplicationSet): string[] {
  const own = [...warnOfUntypedElements(set.spec), ...warnOfUnusedElements(set.spec)];
  try {
    const { document } = compileApplicationTemplate(set.spec.template, set);
    return [...own, ...warnOfDefaults(document), ...warnOfTypedLeaves(document, [])];
  } catch (error) {
    if (error instanceof TemplateError) return [...own, `spec.template: ${error.message}`];
    throw error;
  }
}

function lintGoSet(set: ApplicationSet): string[] {
  try {
    new GoApplications(set.spec.template, set, new GoMode());
    return [];
  } catch (error) {
    if (error instanceof RenderTemplateError) return [error.message];
    throw error;
  }
}

/** What is wrong with `spec.goTemplateOptions`; Argo CD panics over it while it expands. */
export function faultOfGoOptions(options: readonly string[]): string | undefined {
  try {
    compileGoTemplate('', { options });
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

import type { ApplicationSet } from '@flotilla/contracts';
import { type Expansion, expandSet, GeneratorError, RenderTemplateError } from '@flotilla/generators';
import { FlotillaError, messageOf } from '@flotilla/kernel';
import type { SetInputDocuments } from '../inputs/read-inputs.js';

/** An expansion, or why there is none: then nothing is known, and nothing may change. */
export type ExpansionAnswer = { expansion: Expansion } | { failure: { reason: string; message: string; code: string; isLasting: boolean } };

/**
 * Errors of the set itself last until it, or what it reads, changes; errors of an input pass. Anything unforeseen is thrown
 * on: it is nobody's condition.
 */
export async function expandSafely(set: ApplicationSet, inputs: SetInputDocuments): Promise<ExpansionAnswer> {
  try {
    return { expansion: await expandSet(set, inputs.ports) };
  } catch (error) {
    if (!(error instanceof FlotillaError)) throw error;
    const isParameters = error instanceof GeneratorError;
    const reason = isParameters ? 'ApplicationGenerationFromParamsError' : 'RenderTemplateParamsError';
    const isLasting = error.retry === 'never' && (isParameters || error instanceof RenderTemplateError);
    return { failure: { reason, message: messageOf(error), code: error.code, isLasting } };
  }
}

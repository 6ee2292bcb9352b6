import type { VerbError } from '@flotilla/contracts';
import { codeOf, FlotillaError, messageOf } from '@flotilla/kernel';

/** What a person asked for, or why it is refused; whatever else goes wrong is thrown on. */
export async function orRefused<T>(answer: () => Promise<T>): Promise<T | { error: VerbError }> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof FlotillaError) return { error: { code: codeOf(error), message: messageOf(error) } };
    throw error;
  }
}

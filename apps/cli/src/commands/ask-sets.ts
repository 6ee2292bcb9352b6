import { HubError } from '../cli.errors.js';
import type { CliContext } from '../context.js';
import { type FaultPlace, faultOf, type OfflineFault } from '../offline/offline-fault.js';
import type { SetText } from '../offline/set-texts.js';

/** What the hub says about one set. */
export interface SetAnswer<T> {
  answer: T;
  /** Where what is wrong with it stands. */
  place: FaultPlace;
  /** Of a set from a file. */
  manifest?: SetText['manifest'];
}

/**
 * Asks the hub about each set of the files. What is wrong with one goes to the error stream as a fault, as without a hub, and the
 * others are answered.
 *
 * @throws HubError when the hub itself cannot or will not answer
 */
export async function askForFiles<T>(
  context: CliContext,
  files: readonly string[],
  ask: (text: string) => Promise<T>,
): Promise<{ answers: SetAnswer<T>[]; faults: OfflineFault[] }> {
  const { setTexts } = await import('../offline/set-texts.js');
  const answers: SetAnswer<T>[] = [];
  const faults: OfflineFault[] = [];
  for (const { text, set, manifest } of setTexts(files)) {
    const place: FaultPlace = { ...(set === undefined ? {} : { set }), ...manifest };
    try {
      answers.push({ answer: await ask(text), place, manifest });
    } catch (error) {
      if (!isAboutTheSet(error)) throw error;
      const fault = faultOf(error, place);
      context.error(JSON.stringify(fault));
      faults.push(fault);
    }
  }
  return { answers, faults };
}

/** Not that nobody answers, or that this user may not ask. */
function isAboutTheSet(error: unknown): boolean {
  if (!(error instanceof HubError) || error.code === 'unavailable') return false;
  return ![0, 401, 403, 404, 429, 500].includes(error.status);
}

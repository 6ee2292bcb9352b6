import { generateReplySchema, type SetIntent } from '@flotilla/contracts';
import { FlotillaError } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';

/** Generators may have to wait for Git. */
const INTENT_TIMEOUT_MS = 45_000;

/** What a set does to its applications, or why nobody can say: never "nothing". */
export type IntentAnswer = { intent: SetIntent } | { unknown: string };

/** Asks the expander, which alone decides what a set makes and what its guard holds. */
export async function askIntent(bus: MessageBus, namespace: string, name: string): Promise<IntentAnswer> {
  try {
    const { intent } = await bus.ask(
      'expander',
      'generate',
      { namespace, name },
      { timeoutMs: INTENT_TIMEOUT_MS, reply: generateReplySchema },
    );
    return intent ? { intent } : { unknown: 'the expander did not say it' };
  } catch (error) {
    if (!(error instanceof FlotillaError)) throw error;
    return { unknown: error.message };
  }
}

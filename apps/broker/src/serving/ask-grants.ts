import {
  type GrantsVerb,
  type GrantsVerbReply,
  grantsOfManyReplySchema,
  grantsVerbReplySchema,
  MAX_GRANT_ASKS,
  MAX_HERD_GRANTS,
} from '@flotilla/contracts';
import { InvalidInputError, messageOf } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import DataLoader from 'dataloader';

/** Asks the orchestrator who spokes are and what their documents grant them. A rotation brings a fleet at once: it is asked in herds. */
export class AskGrants {
  readonly #bus: MessageBus;
  readonly #herd = new DataLoader<GrantsVerb, GrantsVerbReply>((asks) => this.#askAll(asks), {
    cache: false,
    maxBatchSize: MAX_GRANT_ASKS,
    batchScheduleFn: (run) => void setImmediate(run),
  });

  constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  /** @throws UnavailableError */
  ask(ask: GrantsVerb): Promise<GrantsVerbReply> {
    return this.#herd.load(ask);
  }

  async #askAll(asks: readonly GrantsVerb[]): Promise<(GrantsVerbReply | Error)[]> {
    const answers = await Promise.all(
      partsOf(asks).map(async (part) => {
        try {
          return await this.#askPart(part);
        } catch (error) {
          return part.map(() => (error instanceof Error ? error : new Error(messageOf(error))));
        }
      }),
    );
    return answers.flat();
  }

  async #askPart(part: readonly GrantsVerb[]): Promise<GrantsVerbReply[]> {
    const [only] = part;
    if (part.length === 1) return [await this.#bus.ask('orchestrator', 'grants', only, { reply: grantsVerbReplySchema })];
    const { answers } = await this.#bus.ask('orchestrator', 'grants-of-many', { asks: part }, { reply: grantsOfManyReplySchema });
    if (answers.length !== part.length)
      throw new InvalidInputError(`orchestrator grants-of-many gave ${answers.length} answers to ${part.length} asks`);
    return answers;
  }
}

/** In order, each with as many grants as one answer holds. */
function partsOf(asks: readonly GrantsVerb[]): GrantsVerb[][] {
  const parts: GrantsVerb[][] = [];
  let room = 0;
  for (const ask of asks) {
    room -= ask.grants.length;
    if (room >= 0 && parts.length > 0) parts.at(-1)?.push(ask);
    else {
      parts.push([ask]);
      room = MAX_HERD_GRANTS - ask.grants.length;
    }
  }
  return parts;
}

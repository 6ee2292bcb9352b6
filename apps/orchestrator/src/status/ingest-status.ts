import type { StatusBatch, StatusReply } from '@flotilla/contracts';
import { type Clock, codeOf, FlotillaError } from '@flotilla/kernel';
import type { SpokeMessage } from '@flotilla/messaging';
import type { Logger } from '@flotilla/telemetry';
import type { AdmitSpoke } from '../desired/admit-spoke.js';
import type { SpokeBatch, StatusStore } from './status.store.js';

/** Batches per transaction. */
const MAX_BATCHES = 500;
/** Waiting beyond this many is refused: the agent keeps its batch and sends it again. */
const MAX_WAITING = 5_000;

interface Waiting extends SpokeBatch {
  settle: (reply: StatusReply) => void;
  fail: (error: unknown) => void;
}

export interface IngestStatusParts {
  status: StatusStore;
  spokes: AdmitSpoke;
  clock: Clock;
  logger: Logger;
  /** Something became due. */
  nudge: () => void;
}

/** Takes status from many spokes: whatever arrives while one transaction commits goes into the next. Answered after commit. */
export class IngestStatus {
  readonly #parts: IngestStatusParts;
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(parts: IngestStatusParts) {
    this.#parts = parts;
  }

  async take({ spoke, content }: SpokeMessage<StatusBatch>): Promise<StatusReply> {
    if (this.#waiting.length >= MAX_WAITING) return { error: { code: 'unavailable', message: 'the hub is busy; send it again' } };
    await this.#parts.spokes.admit(spoke, content.session);
    return new Promise((settle, fail) => {
      this.#waiting.push({ spoke, batch: content, settle, fail });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const round = this.#nextRound();
      await this.#write(round);
      this.#parts.nudge();
    }
    this.#isWriting = false;
  }

  /** One batch per spoke: a second one means that the first was given up and built anew, and has to come after it. */
  #nextRound(): Waiting[] {
    const round = new Map<string, Waiting>();
    this.#waiting = this.#waiting.filter((waiting) => {
      if (round.size >= MAX_BATCHES || round.has(waiting.spoke)) return true;
      round.set(waiting.spoke, waiting);
      return false;
    });
    return [...round.values()];
  }

  /** A round that fails for what is in it is halved until the bad batch stands alone; one that fails for the database is sent again by the agents. */
  async #write(round: readonly Waiting[]): Promise<void> {
    try {
      const replies = await this.#parts.status.ingest(round, this.#parts.clock.now());
      for (const [i, waiting] of round.entries()) waiting.settle(replies[i]!);
    } catch (error) {
      const isPassing = error instanceof FlotillaError && error.retry !== 'never';
      if (isPassing) {
        for (const { fail } of round) fail(error);
      } else if (round.length === 1) {
        const [{ spoke, batch, settle }] = round as [Waiting];
        this.#parts.logger.error('a batch of status cannot be stored', { spoke, session: batch.session, code: codeOf(error), error });
        settle({ error: { code: 'invalid', message: `batch ${batch.seq} cannot be stored` } });
      } else {
        const middle = Math.ceil(round.length / 2);
        await this.#write(round.slice(0, middle));
        await this.#write(round.slice(middle));
      }
    }
  }
}

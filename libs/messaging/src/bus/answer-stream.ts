import type { Answer } from '@flotilla/contracts';
import { type FlotillaError, UnavailableError } from '@flotilla/kernel';
import type { z } from 'zod';

/** Answers that may wait to be read; a spoke that sends more without being read is cut off. */
const MAX_WAITING = 1_000;

/** The answers to one `ask`, in order; ends after the last, fails when one is missing, malformed or late. */
export class AnswerStream implements AsyncIterable<Answer> {
  readonly #who: string;
  readonly #waiting: Answer[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #abort: () => void;
  readonly #signal?: AbortSignal;
  #next = 0;
  #outcome?: { error?: Error };
  #wake: () => void = () => {};
  #end: () => void = () => {};

  constructor(who: string, options: { timeoutMs: number; signal?: AbortSignal }) {
    this.#who = who;
    this.#timer = setTimeout(
      () => this.fail(new UnavailableError(`${who} did not answer within ${options.timeoutMs} ms`)),
      options.timeoutMs,
    );
    this.#signal = options.signal;
    this.#abort = () => this.#finish({});
    if (options.signal?.aborted) this.#abort();
    options.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  onEnd(end: () => void): void {
    this.#end = end;
    if (this.#outcome) end();
  }

  push(parsed: z.ZodSafeParseResult<Answer>): void {
    if (this.#outcome) return;
    const refusal = this.#refusalOf(parsed);
    if (refusal !== undefined || !parsed.data) {
      this.fail(new UnavailableError(`spoke answers are unusable: ${this.#who} ${refusal}`));
      return;
    }
    this.#next++;
    this.#waiting.push(parsed.data);
    if (parsed.data.last) this.#finish({});
    else this.#wake();
  }

  fail(error: FlotillaError): void {
    this.#finish({ error });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Answer> {
    try {
      for (;;) {
        const answer = this.#waiting.shift();
        if (answer) yield answer;
        else if (this.#outcome?.error) throw this.#outcome.error;
        else if (this.#outcome) return;
        else await new Promise<void>((wake) => (this.#wake = wake));
      }
    } finally {
      this.#finish({});
    }
  }

  #refusalOf(parsed: z.ZodSafeParseResult<Answer>): string | undefined {
    if (!parsed.success) return 'answered in another form than agreed';
    if (parsed.data.n !== this.#next) return 'sent an answer that got lost; ask again';
    return this.#waiting.length >= MAX_WAITING ? 'answers faster than anybody reads' : undefined;
  }

  #finish(outcome: { error?: Error }): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#end();
    this.#wake();
  }
}

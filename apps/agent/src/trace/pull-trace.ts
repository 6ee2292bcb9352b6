import type { DesiredBody } from '@flotilla/contracts';
import { type Clock, codeOf } from '@flotilla/kernel';
import type { HeldDocument } from '../state/agent-state.js';
import type { Tracing } from './tracing.js';

/**
 * The spans of fetching and taking up one document: `agent pull` with `agent verify` in it. Their parent is the first
 * application that brings a trace the former document did not have, with a link to what rang the doorbell; else the doorbell,
 * which the hub may ring for many commits at once.
 */
export class PullTrace {
  readonly #tracing: Tracing;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #cause: string | undefined;

  constructor(tracing: Tracing, clock: Clock, cause: string | undefined) {
    this.#tracing = tracing;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#cause = cause;
  }

  /** Runs `takeUp` and writes the spans after it: only a proven body says what it is about. */
  async takeUp(document: HeldDocument, former: DesiredBody | undefined, takeUp: () => Promise<DesiredBody>): Promise<DesiredBody> {
    const verifiedFrom = this.#clock.now();
    const { epoch, generation } = document.signed.header;
    const write = (traceparent: string | undefined, failed?: string): void => {
      const links = this.#cause && this.#cause !== traceparent ? [this.#cause] : [];
      const attributes = { epoch, generation };
      const pull = this.#tracing.open('agent pull', { traceparent, links, startedAt: this.#startedAt, attributes });
      this.#tracing.open('agent verify', { traceparent: pull.traceparent, startedAt: verifiedFrom }).end({ failed });
      pull.end({ failed });
    };
    try {
      const body = await takeUp();
      write(newTraceIn(body, former) ?? this.#cause);
      return body;
    } catch (error) {
      write(this.#cause, codeOf(error));
      throw error;
    }
  }
}

function newTraceIn(body: DesiredBody, former: DesiredBody | undefined): string | undefined {
  const known = new Set(former?.apps.map(({ traceparent }) => traceparent));
  return body.apps.find(({ traceparent }) => traceparent !== undefined && !known.has(traceparent))?.traceparent;
}

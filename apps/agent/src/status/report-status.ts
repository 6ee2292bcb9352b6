import { type StatusBatch, statusReplySchema } from '@flotilla/contracts';
import { type Clock, messageOf } from '@flotilla/kernel';
import type { HubLink } from '../link/hub.link.js';
import type { Log } from '../log.js';
import type { StatusLedger } from './status-ledger.js';

export interface ReporterOptions {
  ledger: StatusLedger;
  clock: Clock;
  log: Log;
  random: () => number;
  /** The hub refused with one of its codes. */
  onRefusal: (code: string) => void;
  /** W3C trace context of the commit or edit behind an application's assignment. */
  traceOf?: (uid: string) => string | undefined;
}

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 30_000;

/** Tells the hub what changed: one batch in flight, the next after its acknowledgement, nothing while there is no session. */
export class StatusReporter {
  readonly #options: ReporterOptions;
  #session: { link: HubLink; number: number } | undefined;
  #seq = 0;
  #acked = 0;
  #isSending = false;
  #failures = 0;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  get ackedSeq(): number {
    return this.#acked;
  }

  /** A new session counts its batches from 1 and begins with everything. */
  begin(link: HubLink, number: number): void {
    this.#session = { link, number };
    this.#seq = 0;
    this.#acked = 0;
    this.#options.ledger.beginSnapshot();
  }

  end(): void {
    this.#session = undefined;
  }

  /** Something may have changed. */
  poke(): void {
    if (this.#isSending || !this.#session) return;
    this.#isSending = true;
    this.#sendAll()
      .catch((error: unknown) => this.#options.log('error', 'status report', { error: messageOf(error) }))
      .finally(() => {
        this.#isSending = false;
        if (this.#session && this.#options.ledger.hasNews) this.poke();
      });
  }

  async #sendAll(): Promise<void> {
    const { ledger, clock, random } = this.#options;
    for (let session = this.#session; session; session = this.#session) {
      const content = ledger.next();
      if (!content) return;
      const seq = this.#seq + 1;
      const isDone = await this.#send(session, seq, content);
      if (this.#session !== session) continue;
      if (isDone) {
        this.#seq = seq;
        this.#acked = seq;
        this.#failures = 0;
        ledger.acknowledge();
      } else {
        await clock.sleep(Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#failures++, 10)) * (0.5 + random()));
      }
    }
  }

  async #send(session: { link: HubLink; number: number }, seq: number, content: Pick<StatusBatch, 'apps'>): Promise<boolean> {
    try {
      // One batch has one parent: that of the first application that tells of something traced.
      const traceparent = content.apps.map(({ uid }) => this.#options.traceOf?.(uid)).find((trace) => trace !== undefined);
      const { meta } = await session.link.request('status', { session: session.number, seq, ...content }, { traceparent });
      const reply = statusReplySchema.parse(meta);
      if ('seq' in reply) return true;
      this.#options.log('info', 'status refused', { code: reply.error.code });
      if (reply.error.code === 'snapshot') this.#options.ledger.beginSnapshot();
      else this.#options.onRefusal(reply.error.code);
      return false;
    } catch (error) {
      this.#options.log('debug', 'status not acknowledged', { error: messageOf(error) });
      return false;
    }
  }
}

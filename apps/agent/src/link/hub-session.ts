import { askSchema, type HelloRequest, helloReplySchema, isNewer, type Position, wakeSchema } from '@flotilla/contracts';
import { type Clock, messageOf } from '@flotilla/kernel';
import type { z } from 'zod';
import type { Log } from '../log.js';
import type { HeldDocument } from '../state/agent-state.js';
import type { HubLink } from './hub.link.js';

export type Ask = z.infer<typeof askSchema>;

export interface SessionHost {
  hello(): Promise<Omit<HelloRequest, 'attempt'>>;
  /** The document in force. */
  held(): Position | undefined;
  /** A session began: everything may be told anew after the given time. */
  began(link: HubLink, session: number, snapshotDelayMs: number): void;
  ended(): void;
  /** The hub has something newer. */
  pull(link: HubLink, session: number, cause?: PullCause): Promise<void>;
  ask(link: HubLink, ask: Ask): void;
  beat(): { ackedSeq: number; apps: number; unhealthy: number };
  /** Another instance took this spoke over, or the hub says stop: nothing may go on. */
  terminate(reason: string): void;
}

/** What made the session ask for a document. */
export interface PullCause {
  /** The document itself, where the doorbell brought it. */
  inline?: HeldDocument & { packed: string };
  /** W3C trace context of the doorbell. */
  traceparent?: string;
}

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 30_000;
const WAITS_MS: Record<string, number> = { pending: 5_000, quarantined: 60_000, revoked: 60_000, 'unknown-spoke': 60_000 };

/** Life on one line: hello until a session is given, beats, wakes, asks; a line that comes back says hello again. */
export class HubSession {
  readonly #host: SessionHost;
  readonly #link: HubLink;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #session: number | undefined;
  #round = 0;
  /** An answer may come too late: then the hub must know which hello was the last. */
  #attempts = 0;
  #isPulling = false;
  #isPullWanted = false;
  #wakeTrace: string | undefined;

  constructor(host: SessionHost, link: HubLink, clock: Clock, log: Log) {
    this.#host = host;
    this.#link = link;
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#link.listen({
      connected: () => this.#begin(),
      disconnected: () => {
        this.#round++;
        this.#session = undefined;
        this.#host.ended();
      },
      wake: (content, traceparent) => this.#wake(content, traceparent),
      ask: (content) => this.#ask(content),
    });
  }

  stop(): void {
    this.#round++;
    this.#stopping.abort();
  }

  /** A refusal met by any request of this session. */
  refused(code: string): void {
    if (code === 'superseded') this.#host.terminate(code);
    else if (code !== 'unavailable' && code !== 'invalid') this.#begin();
  }

  /** Asks for a newer document; a wish that comes while one is fetched is carried out after it. */
  pull(): void {
    this.#isPullWanted = true;
    if (this.#isPulling || this.#session === undefined) return;
    this.#isPulling = true;
    this.#pullWhileWanted()
      .catch((error: unknown) => this.#log('error', 'pull', { error: messageOf(error) }))
      .finally(() => {
        this.#isPulling = false;
        // A new session may have asked while the refused pull of the former one was still ending.
        if (this.#isPullWanted) this.pull();
      });
  }

  async #pullWhileWanted(): Promise<void> {
    for (let failures = 0; this.#isPullWanted && this.#session !== undefined; ) {
      this.#isPullWanted = false;
      try {
        await this.#host.pull(this.#link, this.#session, { traceparent: this.#wakeTrace });
        failures = 0;
      } catch (error) {
        this.#log('warn', 'pull failed', { error: messageOf(error) });
        const code = (error as { code?: string }).code ?? '';
        if (code === 'superseded' || code in WAITS_MS) return this.refused(code);
        this.#isPullWanted = true;
        await this.#sleep(backoffMs(failures++));
      }
    }
  }

  #begin(): void {
    const round = ++this.#round;
    this.#sayHello(round).catch((error: unknown) => this.#log('error', 'session', { error: messageOf(error) }));
  }

  async #sayHello(round: number): Promise<void> {
    for (let failures = 0; round === this.#round && !this.#stopping.signal.aborted; ) {
      try {
        const { meta } = await this.#link.request('hello', { ...(await this.#host.hello()), attempt: ++this.#attempts });
        const reply = helloReplySchema.parse(meta);
        if (round !== this.#round) return;
        if (!('error' in reply)) return this.#begun(round, reply);
        const { code, message } = reply.error;
        this.#log('warn', 'hello refused', { code, detail: message });
        if (code === 'superseded') return this.#host.terminate(code);
        await this.#sleep((WAITS_MS[code] ?? backoffMs(failures++)) * (0.75 + Math.random() / 2));
      } catch (error) {
        this.#log('debug', 'hello unanswered', { error: messageOf(error) });
        await this.#sleep(backoffMs(failures++));
      }
    }
  }

  #begun(round: number, reply: Exclude<z.infer<typeof helloReplySchema>, { error: unknown }>): void {
    this.#session = reply.session;
    this.#log('info', 'session', { session: reply.session, cluster: reply.cluster });
    this.#host.began(this.#link, reply.session, reply.snapshotDelayMs);
    this.pull();
    this.#beats(round, reply.session, reply.beatIntervalMs).catch((error: unknown) =>
      this.#log('error', 'beat', { error: messageOf(error) }),
    );
  }

  async #beats(round: number, session: number, intervalMs: number): Promise<void> {
    while (round === this.#round && !this.#stopping.signal.aborted) {
      this.#link.beat({ session, position: this.#host.held(), ...this.#host.beat() });
      await this.#sleep(intervalMs * (0.9 + Math.random() / 5));
    }
  }

  #wake(content: unknown, traceparent: string | undefined): void {
    const wake = wakeSchema.safeParse(content);
    if (!wake.success || !isNewer(wake.data, this.#host.held())) return;
    const { document } = wake.data;
    this.#wakeTrace = traceparent;
    const session = this.#session;
    if (!document || session === undefined || this.#isPulling) {
      this.pull();
      return;
    }
    this.#isPulling = true;
    this.#host
      .pull(this.#link, session, { inline: { signed: document.signed, body: '', packed: document.body }, traceparent })
      .catch((error: unknown) => {
        this.#log('info', 'document in wake not usable', { error: messageOf(error) });
        this.#isPullWanted = true;
      })
      .finally(() => {
        this.#isPulling = false;
        if (this.#isPullWanted) this.pull();
      });
  }

  #ask(content: unknown): void {
    const ask = askSchema.safeParse(content);
    if (!ask.success) return;
    if (ask.data.verb === 'stop') this.#host.terminate('superseded');
    else this.#host.ask(this.#link, ask.data);
  }

  async #sleep(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#stopping.signal).catch(() => {});
  }
}

const backoffMs = (failures: number): number => Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10));

import type { DesiredApp, HealthStatus } from '@flotilla/contracts';
import type { OperationRecord } from '../plan/app-record.js';
import type { AgentSpan, Tracing } from './tracing.js';

interface WaveResult {
  applied: number;
  pruned: number;
  failures: readonly string[];
  unreachable?: string;
}

/**
 * The spans of one operation of one application: `agent sync` (or `agent heal`) around them all, one `agent prune` and one
 * `agent apply` per wave, `agent wait for health` while a wave or the whole is not healthy. A sync stands in the trace of the
 * commit behind it; a heal, which may come days later, in one of its own with a link.
 */
export class OperationTrace {
  readonly #id: string;
  readonly #isHeal: boolean;
  readonly #tracing: Tracing;
  readonly #span: AgentSpan;
  #waiting: AgentSpan | undefined;
  #isDone = false;
  #latest: string | undefined;

  constructor(tracing: Tracing, app: DesiredApp, operation: OperationRecord, isHeal: boolean) {
    this.#id = idOf(operation);
    this.#isHeal = isHeal;
    this.#tracing = tracing;
    const attributes = { application: `${app.namespace}/${app.name}`, release: app.release, revision: app.revision };
    const parent = isHeal ? { links: app.traceparent ? [app.traceparent] : [] } : { traceparent: app.traceparent };
    this.#span = tracing.open(isHeal ? 'agent heal' : 'agent sync', { ...parent, attributes });
    this.#latest = this.#span.traceparent;
  }

  /** Whether these are the spans of that operation, still under way. */
  isFor(operation: OperationRecord, isHeal: boolean): boolean {
    return !this.#isDone && this.#isHeal === isHeal && this.#id === idOf(operation);
  }

  /** What the hub is told as the parent of what this operation did. */
  get traceparent(): string | undefined {
    return this.#latest;
  }

  /** Runs the prunes or applies of one wave in a span that says how they ended. */
  async wave(kind: 'prune' | 'apply', wave: number, result: WaveResult, run: () => Promise<void>): Promise<void> {
    const span = this.#tracing.open(`agent ${kind}`, { traceparent: this.#span.traceparent, attributes: { wave } });
    this.#latest = span.traceparent;
    let failed: string | undefined = 'internal';
    try {
      await run();
      failed = result.unreachable ? 'unreachable' : result.failures.length > 0 ? 'refused' : undefined;
    } finally {
      const [done, objects] = kind === 'apply' ? (['applied', result.applied] as const) : (['pruned', result.pruned] as const);
      span.end({ attributes: { outcome: failed === undefined ? done : 'failed', objects }, failed });
    }
  }

  /** Something is not healthy yet; the wait ends with `healthy`, with failure, or with the next operation. */
  awaitHealth(what: string): void {
    this.#waiting ??= this.#tracing.open('agent wait for health', { traceparent: this.#span.traceparent, attributes: { for: what } });
  }

  healthy(): void {
    this.#waiting?.end({ attributes: { outcome: 'healthy' } });
    this.#waiting = undefined;
  }

  /** The operation is over; the health of the whole may still be waited for. */
  finish(failed: string | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#span.end({ failed });
    if (failed !== undefined) this.abandon(failed);
  }

  /** After a run: the whole is healthy, broken, or waited for. */
  settle(health: HealthStatus): void {
    if (!this.#isDone) return;
    if (health === 'Healthy' || health === 'Suspended') this.healthy();
    else if (health === 'Degraded' || health === 'Unknown') this.abandon('degraded');
    else this.awaitHealth('application');
  }

  /** Another operation takes this one's place, or it failed. */
  abandon(code: string): void {
    this.#waiting?.end({ attributes: { outcome: 'not healthy' }, failed: code });
    this.#waiting = undefined;
    if (this.#isDone) return;
    this.#isDone = true;
    this.#span.end({ failed: code });
  }
}

const idOf = ({ id, bundle, startedAt }: OperationRecord): string => `${id} ${bundle} ${startedAt}`;

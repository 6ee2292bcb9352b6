import { codeOf } from '@flotilla/kernel';
import { type Counter, type Histogram, type Meter, metrics } from '@opentelemetry/api';

export type { Counter, Histogram, Meter };

/** The product's meter: instruments made from it appear in `metricsText()`. */
export function meter(): Meter {
  return metrics.getMeter('flotilla');
}

const BOUNDARIES_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Rate, errors and duration of one kind of work, by operation: `<prefix>_requests_total{operation,code}` and
 * `<prefix>_duration_seconds{operation}`. Operations come from a table, so their number is bounded.
 */
export class RedMetrics {
  readonly #requests: Counter;
  readonly #duration: Histogram;
  readonly #now: () => number;

  constructor(prefix: string, now: () => number = () => performance.now()) {
    this.#requests = meter().createCounter(`${prefix}_requests`, { description: 'Finished operations by outcome' });
    this.#duration = meter().createHistogram(`${prefix}_duration_seconds`, {
      description: 'Duration of operations',
      unit: 's',
      advice: { explicitBucketBoundaries: BOUNDARIES_SECONDS },
    });
    this.#now = now;
  }

  async observe<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const start = this.#now();
    let code = 'ok';
    try {
      return await work();
    } catch (error) {
      code = codeOf(error);
      throw error;
    } finally {
      this.#requests.add(1, { operation, code });
      this.#duration.record((this.#now() - start) / 1000, { operation });
    }
  }
}

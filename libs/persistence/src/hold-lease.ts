import type { Clock } from '@flotilla/kernel';
import type { Lease, LeaseStore } from './lease-store.js';

export interface HoldLeaseOptions {
  store: LeaseStore;
  name: string;
  /** Unique per process: two processes with the same holder would both act. */
  holder: string;
  /** How long a dead holder blocks the next one; renewed three times within it. */
  ttlMs: number;
  clock: Clock;
  signal: AbortSignal;
  onError?: (error: unknown) => void;
}

/**
 * Runs `work` in one process at a time for as long as `signal` allows: waits for the lease, renews it while `work`
 * runs, aborts work's signal when the lease is lost, and competes again when `work` returns or throws.
 */
export async function holdLease(options: HoldLeaseOptions, work: (lease: Lease, signal: AbortSignal) => Promise<void>): Promise<void> {
  const { store, name, holder, ttlMs, clock, signal, onError } = options;
  const pauseMs = ttlMs / 3;
  while (!signal.aborted) {
    const lease = await attempt(() => store.acquire(name, holder, ttlMs), undefined, onError);
    if (lease) {
      await holdWhile(options, lease, pauseMs, work);
      await attempt(() => store.release(lease), undefined, onError);
    }
    await clock.sleep(pauseMs, signal).catch(() => undefined);
  }
}

async function holdWhile(
  { store, ttlMs, clock, signal, onError }: HoldLeaseOptions,
  lease: Lease,
  pauseMs: number,
  work: (lease: Lease, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ended = new AbortController();
  const held = AbortSignal.any([signal, ended.signal]);
  const working = attempt(() => work(lease, held), undefined, onError).finally(() => ended.abort());
  let validUntil = clock.now() + ttlMs;
  while (!held.aborted) {
    await clock.sleep(pauseMs, held).catch(() => undefined);
    if (held.aborted) break;
    const askedAt = clock.now();
    const isRenewed = await attempt<boolean | undefined>(() => store.renew(lease, ttlMs), undefined, onError);
    if (isRenewed) validUntil = askedAt + ttlMs;
    // Unknown is not lost, but past its time the lease may be another's.
    else if (isRenewed === false || clock.now() + pauseMs >= validUntil) ended.abort();
  }
  await working;
}

async function attempt<T>(work: () => Promise<T>, fallback: T, onError?: (error: unknown) => void): Promise<T> {
  try {
    return await work();
  } catch (error) {
    onError?.(error);
    return fallback;
  }
}

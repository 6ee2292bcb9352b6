import { digestBytes } from '@flotilla/kernel';
import { Gate } from './gate.js';

/** What listings of one host with one token share: how many calls run, and until when the host wants none. */
export interface HostState {
  /** Tells apart tokens, without holding one: cached answers of one are never given to another. */
  key: string;
  gate: Gate;
  /** Milliseconds since the epoch. */
  blockedUntil: number;
}

const MAX_HOSTS = 1_000;

/** Bounded: the state least recently used goes first, and costs at most one call too early. */
export class HostStates {
  readonly #concurrency: number;
  readonly #states = new Map<string, HostState>();

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  of(origin: string, authorization: string | undefined): HostState {
    const key = digestBytes(`${origin}\n${authorization ?? ''}`);
    const state = this.#states.get(key) ?? { key, gate: new Gate(this.#concurrency), blockedUntil: 0 };
    this.#states.delete(key);
    this.#states.set(key, state);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= MAX_HOSTS) break;
      this.#states.delete(oldest);
    }
    return state;
  }
}

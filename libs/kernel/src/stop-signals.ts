/** Where signals come from; `process` in programs. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/**
 * Calls `stop` once, for the first SIGINT or SIGTERM. Further ones are swallowed: a terminal, npm and a supervisor may each send
 * their own, and the default action would end the process in the middle of its orderly stop.
 */
export function onStopSignal(stop: () => void, source: SignalSource = process): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    source.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      stop();
    });
  }
}

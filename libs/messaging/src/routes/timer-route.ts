import { InvalidInputError } from '@flotilla/kernel';
import { inSpan } from '@flotilla/telemetry';
import type { Route } from '../route.js';
import type { RouteScope, RunningRoute, UseCase } from './route-scope.js';

export type TimerRoute = Extract<Route<Record<string, unknown>>, { every: number }>;

/** Calls a use case every so many milliseconds, never twice at once; a singleton in one process of the fleet only. */
export function serveTimer(route: TimerRoute, use: UseCase, scope: RouteScope): RunningRoute {
  const { singleton } = route;
  if (singleton !== undefined && !scope.holdSingleton) {
    throw new InvalidInputError(`timer ${String(route.use)} is the singleton ${singleton}, but there is no lease to hold`);
  }
  const stopping = new AbortController();
  const signal = AbortSignal.any([scope.signal, stopping.signal]);
  const tick = (held: AbortSignal): Promise<void> => tickUntil(held, route, use, scope);
  const running = singleton === undefined ? tick(signal) : scope.holdSingleton?.(singleton, signal, tick);
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function tickUntil(signal: AbortSignal, route: TimerRoute, use: UseCase, { clock, logger }: RouteScope): Promise<void> {
  const name = `timer ${String(route.use)}`;
  while (!signal.aborted) {
    try {
      await inSpan(name, {}, async () => use(undefined, { signal }));
    } catch (error) {
      if (!signal.aborted) logger.error('a timer failed', { name: String(route.use), error });
    }
    await clock.sleep(route.every, signal).catch(() => undefined);
  }
}

import type { Clock } from '@flotilla/kernel';
import type { HoldSingleton } from '@flotilla/messaging';
import type { Database } from '@flotilla/persistence';
import { keepLog, LogRetention, OwnerCollector, type PgResourceStore } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';

interface Parts {
  database: Database;
  store: PgResourceStore;
  clock: Clock;
  logger: Logger;
  holdSingleton: HoldSingleton;
  /** Hears of every commit of this process. */
  listen(listener: () => void): void;
}

/** Work the store needs from exactly one process of the fleet: log partitions, and dependents of deleted owners. */
export function keepHouse({ database, store, clock, logger, holdSingleton, listen }: Parts): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const warn = (message: string) => (error: unknown) => logger.warn(message, { error });
  const collector = new OwnerCollector({ store, database, onError: warn('dependents could not be collected') });
  const retention = new LogRetention({ database, clock });
  listen(() => collector.wake());
  const running = [
    holdSingleton('resources-owners', stopping.signal, (signal) => collector.run(signal)),
    holdSingleton('resources-log', stopping.signal, (signal) =>
      keepLog(retention, clock, signal, warn('the change log could not be kept')),
    ),
  ];
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

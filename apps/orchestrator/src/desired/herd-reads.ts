import DataLoader from 'dataloader';

const MAX_KEYS = 500;
/** A read that hangs must not hold up all others. */
const MAX_READING = 2;

/**
 * Spokes ask in herds: what is asked in one turn of the event loop, and while former reads are under way, is one read. A spoke that
 * comes alone waits for nobody. `read` answers in the order of its keys.
 */
export function herdReads<Key, Value>(read: (keys: readonly Key[]) => Promise<Value[]>): DataLoader<Key, Value> {
  const waiting: (() => void)[] = [];
  let reading = 0;
  const readAndGoOn = async (keys: readonly Key[]): Promise<Value[]> => {
    try {
      return await read(keys);
    } finally {
      const next = waiting.shift();
      if (next) setImmediate(next);
      else reading--;
    }
  };
  return new DataLoader<Key, Value>(readAndGoOn, {
    cache: false,
    maxBatchSize: MAX_KEYS,
    batchScheduleFn: (start) => {
      if (reading >= MAX_READING) {
        waiting.push(start);
        return;
      }
      reading++;
      setImmediate(start);
    },
  });
}

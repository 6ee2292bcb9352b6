export type Limiter = <T>(run: () => Promise<T>) => Promise<T>;

/** Runs at most `size` at once, the others in order of arrival. Who may wait, and how many, is bounded where they come in. */
export function limiter(size: number): Limiter {
  let free = size;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

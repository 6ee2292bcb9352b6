/** A small seeded generator (mulberry32): numbers in [0, 1), the same for the same seed on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** FLOTILLA_SEED when it is set, else a new one for each run. */
export function seedOfRun(env: NodeJS.ProcessEnv = process.env): number {
  const given = Number(env.FLOTILLA_SEED);
  return env.FLOTILLA_SEED && Number.isSafeInteger(given) && given >= 0 ? given : Math.floor(Math.random() * 1_000_000);
}

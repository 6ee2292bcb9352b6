/** What a benchmark may use. */
export interface BenchContext {
  /** Smaller fleets and fewer rounds: for a look, not for a record. */
  quick: boolean;
  /** A directory of this run, removed after it; PostgreSQL's unprivileged account may pass through. */
  directory: string;
  say(line: string): void;
  /** Runs after the benchmark, however it ends, the last one first. */
  afterwards(end: () => unknown): void;
}

/** One line of the table: a ratio of two medians measured in the same run. */
export interface BenchRow {
  /** Stable name in medians.json. */
  key: string;
  work: string;
  oursMs: number;
  reference: string;
  referenceMs: number;
  rounds: number;
  /** Ambition or peer figure the reader compares with. */
  ambition: string;
  notes: string[];
}

export interface Benchmark {
  id: string;
  title: string;
  run(context: BenchContext): Promise<BenchRow[]>;
}

export const ratioOf = ({ oursMs, referenceMs }: BenchRow): number => oursMs / referenceMs;

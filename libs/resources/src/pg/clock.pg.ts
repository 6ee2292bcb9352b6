import type { SqlRunner } from '@flotilla/persistence';

/** A kind without a row stands here; the first change gets the next number. */
export const FIRST_RV = 1;

/** A range of rvs that this transaction holds: (last - count, last]. */
export interface RvRange {
  last: number;
  /** PostgreSQL's time of the range, never before that of an earlier range of the kind. */
  at: string;
}

/** Takes `count` rvs of a kind. The clock's row stays locked until commit, so that commit order is rv order. */
export async function takeRvs(sql: SqlRunner, kind: string, count: number): Promise<RvRange> {
  const [row] = await sql.query<{ rv: string; at: string }>(
    `INSERT INTO resources.clock AS clock (kind, rv, at) VALUES ($1, $2::bigint + ${FIRST_RV}, clock_timestamp())
     ON CONFLICT (kind) DO UPDATE SET rv = clock.rv + $2, at = greatest(clock.at, clock_timestamp())
     RETURNING rv, at::text AS at`,
    [kind, count],
  );
  return { last: Number(row!.rv), at: row!.at };
}

export interface ClockState {
  rv: number;
  /** Changes up to this one are no longer in the log. */
  floorRv: number;
}

export async function readClocks(sql: SqlRunner, kinds: readonly string[]): Promise<Map<string, ClockState>> {
  const rows = await sql.query<{ kind: string; rv: string; floor_rv: string }>(
    'SELECT kind, rv, floor_rv FROM resources.clock WHERE kind = ANY($1)',
    [kinds],
  );
  const known = new Map(rows.map((row) => [row.kind, { rv: Number(row.rv), floorRv: Number(row.floor_rv) }]));
  return new Map(kinds.map((kind) => [kind, known.get(kind) ?? { rv: FIRST_RV, floorRv: 0 }]));
}

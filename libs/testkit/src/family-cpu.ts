import { readdirSync, readFileSync } from 'node:fs';

/** CPU of one process, in ms. */
export interface ProcessTimes {
  parent: number;
  ownMs: number;
  /** Of its children that ended and were waited for. */
  endedMs: number;
}

/** The processes there are. */
export interface ProcessTable {
  pids(): number[];
  /** Undefined for one that ended. */
  times(pid: number): ProcessTimes | undefined;
}

const CLOCK_TICK_MS = 10;
/** Looks at a family whose members end meanwhile; the last one counts. */
const LOOKS = 5;

/**
 * CPU of a process and its children, ended ones included, in ms since it began: it never goes back. A child's time moves to its
 * parent's when it is waited for (proc(5): cutime, cstime), so that a look during which that happens is taken again.
 */
export class FamilyCpu {
  readonly #table: ProcessTable;
  readonly #seen = new Map<number, number>();

  constructor(table: ProcessTable = procTable) {
    this.#table = table;
  }

  /** Of the process without its children. */
  alone(pid: number): number {
    return this.#table.times(pid)?.ownMs ?? 0;
  }

  /** 0 where /proc is not. */
  of(pid: number): number {
    let sum = 0;
    for (let look = 0; look < LOOKS; look++) {
      const before = this.#table.times(pid);
      const children = this.#table.pids().flatMap((child) => {
        const times = this.#table.times(child);
        return times?.parent === pid ? [times] : [];
      });
      const after = this.#table.times(pid);
      if (!after) break;
      sum = [after, ...children].reduce((total, { ownMs, endedMs }) => total + ownMs + endedMs, 0);
      if (before?.endedMs === after.endedMs) break;
    }
    const most = Math.max(sum, this.#seen.get(pid) ?? 0);
    this.#seen.set(pid, most);
    return most;
  }
}

const procTable: ProcessTable = {
  pids: () =>
    process.platform === 'linux'
      ? readdirSync('/proc')
          .filter((name) => /^\d+$/.test(name))
          .map(Number)
      : [],
  times: (pid) => {
    if (process.platform !== 'linux') return undefined;
    try {
      // The name in front may hold spaces and brackets; what follows the last one begins with the state.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      const ticks = (at: number): number => (Number(fields[at]) + Number(fields[at + 1])) * CLOCK_TICK_MS;
      return { parent: Number(fields[1]), ownMs: ticks(11), endedMs: ticks(13) };
    } catch {
      return undefined;
    }
  },
};

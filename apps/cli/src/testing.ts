import { ManualClock } from '@flotilla/kernel';
import type { PlanReport } from '@flotilla/setplan';
import type { CliContext } from './context.js';
import { createProgram } from './create-program.js';
import type { CallOptions } from './hub-client.js';

export interface CliRun {
  out: string;
  error: string;
  exitCode: number;
  calls: { id: string; options: CallOptions | undefined }[];
}

/** Runs one command against answers by verb; an answer may be a list, taken one by one, the last one again and again. */
export async function runCli(argv: readonly string[], answers: Readonly<Record<string, unknown>> = {}): Promise<CliRun> {
  const run: CliRun = { out: '', error: '', exitCode: 0, calls: [] };
  const clock = new ManualClock(Date.parse('2026-01-01T00:10:00Z'));
  const context: CliContext = {
    env: { PATH: process.env.PATH },
    clock: { now: () => clock.now(), sleep: async (ms) => void clock.advance(ms) } as CliContext['clock'],
    out: (text) => {
      run.out += `${text}\n`;
    },
    error: (text) => {
      run.error += `${text}\n`;
    },
    call: async <T>(id: string, options?: CallOptions): Promise<T> => {
      run.calls.push({ id, options });
      const answer = answers[id];
      const next: unknown = Array.isArray(answer) ? (answer.length > 1 ? answer.shift() : answer[0]) : answer;
      if (next instanceof Error) throw next;
      return next as T;
    },
  };
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await createProgram(context).parseAsync(['node', 'flotilla', ...argv]);
    run.exitCode = Number(process.exitCode);
  } finally {
    process.exitCode = before;
  }
  return run;
}

/** A plan in which nothing happens. */
export const emptyPlan = (set: string): PlanReport => ({
  set,
  create: [],
  change: [],
  delete: [],
  hold: [],
  pending: [],
  refused: [],
  waiting: [],
  unchanged: 0,
  warnings: [],
});

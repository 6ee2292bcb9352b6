import { readFileSync } from 'node:fs';
import { type BenchRow, ratioOf } from './benchmark.js';

/** A ratio this much above the stored median is a regression. Absolute times are never judged. */
export const ALLOWED_GROWTH = 1.15;

export interface Verdict {
  key: string;
  ratio: number;
  stored: number;
}

export function table(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [
    row.key,
    row.work,
    milliseconds(row.oursMs),
    `${milliseconds(row.referenceMs)} ${row.reference}`,
    ratioOf(row).toFixed(2),
    String(row.rounds),
    row.ambition,
  ]);
  const header = ['benchmark', 'work', 'ours', 'reference', 'ratio', 'rounds', 'ambition'];
  const lines = [header, header.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`);
  const notes = rows.flatMap(({ key, notes: own }) => own.map((note) => `- ${key}: ${note}`));
  return [...lines, '', ...notes].join('\n');
}

/** Rows whose ratio grew past the allowance over `medians.json`; rows it does not know are no regression. */
export function regressions(rows: readonly BenchRow[], medians: Readonly<Record<string, number>>): Verdict[] {
  return rows.flatMap((row) => {
    const stored = medians[row.key];
    const ratio = ratioOf(row);
    return stored !== undefined && ratio > stored * ALLOWED_GROWTH ? [{ key: row.key, ratio, stored }] : [];
  });
}

export function readMedians(file: string): Record<string, number> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
}

const milliseconds = (ms: number): string => (ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(ms < 100 ? 1 : 0)} ms`);

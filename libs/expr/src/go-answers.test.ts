import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTime, GoDuration, GoTime } from '@flotilla/templating';
import { expect, test } from 'vitest';
import { compileExpr, stringsNamespace, timeNamespace } from './index.js';

interface Fixture {
  variables: Record<string, unknown>;
  answers: { expr: string; value?: unknown; fails?: boolean }[];
}

const { variables, answers } = JSON.parse(readFileSync(join(import.meta.dirname, '../testdata/go-answers.json'), 'utf8')) as Fixture;
const now = (): number => Date.UTC(2026, 5, 1, 12);
const all = { ...variables, time: timeNamespace(now), strings: stringsNamespace };

/** expr-lang refuses these before running them, because literals of these types never fit; here types are looked at while running. */
const REFUSED_EARLY: readonly string[] = ["'a' in nil", "'1' == 1", 'false and 1'];

function answerOf(source: string): { value: unknown } | { fails: true; message: string } {
  try {
    return { value: plain(compileExpr(source).run(all, { now })) };
  } catch (error) {
    return { fails: true, message: String(error) };
  }
}

function plain(value: unknown): unknown {
  if (value instanceof GoTime) return `time ${formatTime(value, '2006-01-02T15:04:05.999999999Z07:00')}`;
  if (value instanceof GoDuration) return `duration ${value.text()}`;
  return value;
}

test.each(answers.filter(({ expr }) => !REFUSED_EARLY.includes(expr)))(
  '$expr gives what expr-lang gives',
  ({ expr: source, value, fails }) => {
    const answer = answerOf(source);
    if (fails) expect(answer).toHaveProperty('fails', true);
    else expect(answer).toEqual({ value: value ?? null });
  },
);

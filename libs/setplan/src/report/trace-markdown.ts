import type { SetTrace, TracedApplication, TracedParameter } from '@flotilla/generators';
import { BoundedText, MAX_COMMENT } from './bounded-text.js';
import { describeSource, valueText } from './describe-source.js';
import { codeSpan, count, folded, htmlCode } from './markdown-text.js';
import { type SetFailure, warningNote } from './plan-markdown.js';

const RESERVE = 400;
const HEAD = '| Parameter | Value | Set by |\n|---|---|---|\n';

export interface TraceMarkdownInput {
  traces: readonly SetTrace[];
  failures?: readonly SetFailure[];
  /** About the run as a whole. */
  warnings?: readonly string[];
  /** UTF-8 bytes; default what GitHub takes. */
  limit?: number;
}

/** Where the parameters of sets come from, as a comment: findings first, then one folded table for each application. */
export function traceMarkdown({ traces, failures = [], warnings = [], limit = MAX_COMMENT }: TraceMarkdownInput): string {
  const text = new BoundedText(limit);
  const applications = traces.reduce((sum, { applications: listed, more }) => sum + listed.length + more, 0);
  const failed = failures.length > 0 ? `, ${count(failures.length, 'set')} failed` : '';
  text.add(`### ${count(applications, 'application')} of ${count(traces.length + failures.length, 'set')}${failed}\n\n`);
  const findings = [
    ...failures.map(({ set, message }) => `- :x: ${codeSpan(set)}: ${codeSpan(message)}\n`),
    ...warnings.map(warningNote),
    ...traces.flatMap(findingsOf),
  ];
  const findingsLeft = text.addAll(findings, RESERVE + Math.floor(limit / 2));
  if (findingsLeft > 0) text.add(`- and ${findingsLeft} more\n`);
  if (findings.length > 0) text.add('\n');
  const left = text.addAll(
    traces.flatMap((trace) => trace.applications.map(detailOf)),
    RESERVE,
  );
  const hidden = left + traces.reduce((sum, { more }) => sum + more, 0);
  if (hidden > 0) text.add(`and ${count(hidden, 'more application')}\n`);
  return text.toString();
}

function findingsOf({ set, unused, unmatched, findings }: SetTrace): string[] {
  const of = codeSpan(set);
  return [
    ...unused.map(({ name, source }) => `- ${of}: parameter ${codeSpan(name)} is never used, ${codeSpan(describeSource(source))}\n`),
    ...unmatched.map(({ source, against }) => `- ${of}: ${codeSpan(describeSource(source))} matched nothing of ${codeSpan(against)}\n`),
    ...findings.map((finding) => `- :warning: ${of}: ${codeSpan(finding)}\n`),
  ];
}

function detailOf({ name, held, parameters }: TracedApplication): string {
  const rows = parameters.map(rowOf).join('');
  return folded(
    `${held === undefined ? '' : 'held: '}${htmlCode(name)}`,
    `${held === undefined ? '' : `${codeSpan(held)}\n\n`}${HEAD}${rows}`,
  );
}

function rowOf({ name, value, source }: TracedParameter): string {
  const cell = (text: string): string => codeSpan(text, { inTable: true });
  return `| ${cell(name)} | ${cell(valueText(value))} | ${source ? cell(describeSource(source)) : 'nothing'} |\n`;
}

import { BoundedText, MAX_COMMENT } from './bounded-text.js';
import { diffPlan } from './diff-plan.js';
import type { FieldChange } from './field-changes.js';
import { codeBlock, codeSpan, count, folded, htmlCode } from './markdown-text.js';
import type { PlannedDocument, PlannedSet, PlanReport } from './plan-report.js';

/** A set that could not be planned. */
export interface SetFailure {
  set: string;
  message: string;
}

export interface PlanMarkdownInput {
  plans: readonly PlannedSet[];
  failures?: readonly SetFailure[];
  /** About the run as a whole. */
  warnings?: readonly string[];
  /** UTF-8 bytes; default what GitHub takes. */
  limit?: number;
}

/** Bytes kept for what says that something was left out. */
const RESERVE = 400;
/** Part of the whole that the table may take; the rest is for details. */
const TABLE_SHARE = 0.5;
const MAX_FIELDS_SHOWN = 3;
const HEAD = '| | Application | Cluster | What |\n|---|---|---|---|\n';

/**
 * A plan as a comment on a pull request: a summary, a table with the gravest first, folded differences. Texts of the plan stand
 * in code spans and blocks only, so none of them is read as HTML, a link or a mention.
 */
export function planMarkdown({ plans, failures = [], warnings = [], limit = MAX_COMMENT }: PlanMarkdownInput): string {
  const reports = plans.map(({ report }) => report);
  const text = new BoundedText(limit);
  text.add(`### ${summarise(reports, failures)}\n\n`, RESERVE);
  const notes = [
    ...failures.map(({ set, message }) => `- :x: ${codeSpan(set)} cannot be planned: ${codeSpan(message)}\n`),
    ...warnings.map(warningNote),
    ...reports.flatMap(notesOf),
  ];
  const tableLimit = Math.floor(limit * (1 - TABLE_SHARE));
  const notesLeft = text.addAll(notes, tableLimit);
  if (notesLeft > 0) text.add(`- and ${count(notesLeft, 'more remark')}\n`);
  if (notes.length > 0) text.add('\n');
  const rows = reports.flatMap(rowsOf);
  if (rows.length > 0) {
    text.add(HEAD, RESERVE);
    const rowsLeft = text.addAll(rows, Math.max(RESERVE, Math.floor(tableLimit / 2)));
    text.add(rowsLeft > 0 ? `\nand ${rowsLeft} more\n\n` : '\n');
  }
  const details = plans.flatMap(({ documents }) => documents.map(detailOf));
  const detailsLeft = text.addAll(details, RESERVE);
  if (detailsLeft > 0)
    text.add(`${count(detailsLeft, 'more difference')} left out, as a comment has a limit; \`flotilla appset diff\` shows all.\n`);
  return text.toString();
}

/** `3 to create, 1 to change, 2 to delete, 4 held, in 2 sets`. */
export function summarise(reports: readonly PlanReport[], failures: readonly SetFailure[] = []): string {
  const total = (of: (report: PlanReport) => number): number => reports.reduce((sum, report) => sum + of(report), 0);
  const parts = [
    [total(({ create }) => create.length), 'to create'],
    [total(({ change }) => change.length), 'to change'],
    [total(({ delete: gone }) => gone.length), 'to delete'],
    [total(({ hold }) => hold.length), 'held'],
    [total(({ pending }) => pending.length), 'to delete later'],
    [total(({ refused }) => refused.length), 'refused'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const failed = failures.length > 0 ? [`${count(failures.length, 'set')} failed`] : [];
  const what = [...told, ...failed].join(', ') || 'No changes';
  return `${what}, ${total(({ unchanged }) => unchanged)} unchanged, in ${count(reports.length + failures.length, 'set')}`;
}

/** A remark about a whole run. */
export const warningNote = (warning: string): string => `- :warning: ${codeSpan(warning)}\n`;

function notesOf({ set, hold, rule, warnings }: PlanReport): string[] {
  const held =
    hold.length > 0 ? [`- :lock: ${codeSpan(set)}: ${count(hold.length, 'deletion')} held${rule ? `, ${codeSpan(rule)}` : ''}\n`] : [];
  return [...held, ...warnings.map((warning) => `- :warning: ${codeSpan(set)}: ${codeSpan(warning)}\n`)];
}

/** The gravest first. */
function rowsOf({ create, change, delete: gone, hold, pending, refused, waiting }: PlanReport): string[] {
  return [
    ...hold.map(({ name, cluster, reason }) => row('held', name, cluster, reason && cell(reason))),
    ...refused.map(({ name, message }) => row('refused', name, undefined, cell(message))),
    ...gone.map(({ name, cluster, reason }) => row('-', name, cluster, reason && cell(reason))),
    ...pending.map(({ name, cluster, reason, deleteAfter }) =>
      row('later', name, cluster, cell(`after ${deleteAfter}${reason ? `, ${reason}` : ''}`)),
    ),
    ...change.map(({ name, cluster, fields }) => row('~', name, cluster, fieldsText(fields))),
    ...create.map(({ name, cluster, path }) => row('+', name, cluster, path && cell(path))),
    ...waiting.map((name) => row('wait', name, undefined, 'still being deleted, created again afterwards')),
  ];
}

const cell = (text: string): string => codeSpan(text, { inTable: true });

function row(sign: string, name: string, cluster: string | undefined, what: string | undefined): string {
  return `| \`${sign}\` | ${cell(name)} | ${cluster ? cell(cluster) : ''} | ${what ?? ''} |\n`;
}

function fieldsText(fields: readonly FieldChange[]): string {
  const shown = fields.slice(0, MAX_FIELDS_SHOWN).map((field) => `${cell(field.path)} ${valueText(field.old)} → ${valueText(field.new)}`);
  const more = fields.length - shown.length;
  return `${shown.join('<br>')}${more > 0 ? `<br>and ${count(more, 'more field')}` : ''}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return '(none)';
  return cell(typeof value === 'string' ? value : JSON.stringify(value));
}

function detailOf(document: PlannedDocument): string {
  const verb = document.before ? (document.after ? 'change' : 'delete') : 'create';
  return folded(`${verb} ${htmlCode(document.name)}`, codeBlock(diffPlan([document]), 'diff'));
}

import type { Budget } from '../execute/budget.js';
import { CallError, defineFunction, type FunctionTable } from '../execute/define-function.js';
import type { Tools } from '../execute/tools.js';
import { GoList } from '../values/go-value.js';
import { type Match, Pattern, PatternError } from './pattern.js';

/** Steps of a pattern that is refused, perhaps only after much of it was built. */
const REFUSED_STEPS = 5_000;

/** @throws CallError in Go's words. Building a pattern costs steps: a template cannot build thousands for free. */
function patternOf(tools: Tools, source: string): Pattern {
  try {
    const pattern = new Pattern(source);
    tools.budget.step(10 + pattern.size);
    return pattern;
  } catch (error) {
    tools.budget.step(REFUSED_STEPS);
    if (error instanceof PatternError) throw new CallError(error.message);
    throw error;
  }
}

const widthAt = (text: string, pos: number): number => ((text.codePointAt(pos) ?? 0) > 0xffff ? 2 : 1);

/** Go's FindAll: an empty match right behind another does not count. */
function findAll(pattern: Pattern, text: string, count: number, budget: Budget): Match[] {
  const found: Match[] = [];
  let previousEnd = -1;
  for (let pos = 0; pos <= text.length && (count < 0 || found.length < count); ) {
    const match = pattern.find(text, pos, budget);
    if (!match) break;
    const [start, end] = match as [number, number];
    const repeated = end === pos && start === previousEnd;
    pos = end === pos ? pos + widthAt(text, pos) : end;
    previousEnd = end;
    if (!repeated) found.push(match);
  }
  return found;
}

/** Go's ReplaceAll. */
function replaceAll(tools: Tools, pattern: Pattern, text: string, replace: (match: Match) => string): string {
  let out = '';
  let lastEnd = 0;
  for (let pos = 0; pos <= text.length; ) {
    const match = pattern.find(text, pos, tools.budget);
    if (!match) break;
    const [start, end] = match as [number, number];
    out += text.slice(lastEnd, start);
    if (end > lastEnd || start === 0) {
      const replacement = replace(match);
      tools.budget.text(replacement.length);
      out += replacement;
    }
    lastEnd = end;
    pos = Math.max(end, pos + widthAt(text, pos));
  }
  return out + text.slice(lastEnd);
}

/** Go's Expand: `$1`, `$name`, `${name}`, `$$`; unknown groups are empty. */
function expand(template: string, pattern: Pattern, text: string, match: Match): string {
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, plain?: string, braced?: string) => {
    const name = plain ?? braced;
    if (name === undefined) return whole === '$$' ? '$' : whole;
    const index = /^\d+$/.test(name) ? Number(name) : pattern.names.lastIndexOf(name);
    const start = match[index * 2] ?? -1;
    return index < 0 || start < 0 ? '' : text.slice(start, match[index * 2 + 1]);
  });
}

function split(pattern: Pattern, source: string, text: string, count: number, budget: Budget): GoList {
  if (count === 0) return new GoList([], 'string', true);
  if (source !== '' && text === '') return new GoList([''], 'string');
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const match of findAll(pattern, text, count, budget)) {
    if (count > 0 && parts.length === count - 1) break;
    end = match[0]!;
    if (match[1] !== 0) parts.push(text.slice(begin, end));
    begin = match[1]!;
  }
  if (end !== text.length) parts.push(text.slice(begin));
  return new GoList(parts, 'string');
}

const textsOf = (matches: readonly Match[], text: string): GoList =>
  new GoList(
    matches.map((match) => text.slice(match[0], match[1])),
    'string',
    matches.length === 0,
  );

/** How a pattern is read; the functions without `must` panic on a bad one, which Go words otherwise. */
type Read = (tools: Tools, source: string) => Pattern;

const panicking: Read = (tools, source) => {
  try {
    return patternOf(tools, source);
  } catch (error) {
    if (error instanceof CallError) throw new CallError(`regexp: Compile(\`${source}\`): ${error.message}`);
    throw error;
  }
};

const finding = (read: Read) =>
  defineFunction(['string', 'string'], (tools, source, text) => {
    const match = read(tools, source).find(text, 0, tools.budget);
    return match ? text.slice(match[0], match[1]) : '';
  });
const findingAll = (read: Read) =>
  defineFunction(['string', 'string', 'int'], (tools, source, text, count) =>
    textsOf(findAll(read(tools, source), text, count, tools.budget), text),
  );
const replacing = (read: Read) =>
  defineFunction(['string', 'string', 'string'], (tools, source, text, template) => {
    const pattern = read(tools, source);
    return replaceAll(tools, pattern, text, (match) => expand(template, pattern, text, match));
  });
const replacingLiteral = (read: Read) =>
  defineFunction(['string', 'string', 'string'], (tools, source, text, replacement) =>
    replaceAll(tools, read(tools, source), text, () => replacement),
  );
const splitting = (read: Read) =>
  defineFunction(['string', 'string', 'int'], (tools, source, text, count) =>
    split(read(tools, source), source, text, count, tools.budget),
  );
const matches = (tools: Tools, source: string, text: string): boolean => patternOf(tools, source).find(text, 0, tools.budget) !== undefined;

export const regexFunctions: FunctionTable = {
  regexMatch: defineFunction(['string', 'string'], (tools, source, text) => {
    try {
      return matches(tools, source, text);
    } catch (error) {
      // sprig calls a pattern that cannot be read no match.
      if (error instanceof CallError) return false;
      throw error;
    }
  }),
  mustRegexMatch: defineFunction(['string', 'string'], matches),
  regexFind: finding(panicking),
  mustRegexFind: finding(patternOf),
  regexFindAll: findingAll(panicking),
  mustRegexFindAll: findingAll(patternOf),
  regexReplaceAll: replacing(panicking),
  mustRegexReplaceAll: replacing(patternOf),
  regexReplaceAllLiteral: replacingLiteral(panicking),
  mustRegexReplaceAllLiteral: replacingLiteral(patternOf),
  regexSplit: splitting(panicking),
  mustRegexSplit: splitting(patternOf),
  regexQuoteMeta: defineFunction(['string'], (_, text) => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
};

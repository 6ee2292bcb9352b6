import { RE2JS } from 're2js';

/** Longest expression of a `/…/` rule; RE2 takes time linear in the name, whatever the expression. */
const MAX_EXPRESSION = 200;
/** Instructions of one expression; counted repetitions multiply. */
const MAX_INSTRUCTIONS = 10_000;
/** The two ways people write "not": Argo CD's engine knows lookaheads, RE2 does not, so they are turned around. */
const CONTAINS_NOT = /^\^?\(\(\?!(.+)\)\.\)\*\$?$/s;
const STARTS_NOT = /^\^?\(\?!(.+)\)\.[*+]\$?$/s;

/** The expression of a `/…/` rule, or undefined for a glob. */
export function namespaceExpression(rule: string): string | undefined {
  return rule.length >= 2 && rule.startsWith('/') && rule.endsWith('/') ? rule.slice(1, -1) : undefined;
}

/** Why an expression is not used; undefined when it is. */
export function expressionFault(expression: string): string | undefined {
  if (expression === '') return 'is empty; it would match every namespace';
  if (expression.length > MAX_EXPRESSION) return `has more than ${MAX_EXPRESSION} characters`;
  try {
    const size = RE2JS.compile(positivePart(expression)).programSize();
    return size > MAX_INSTRUCTIONS ? 'is too large' : undefined;
  } catch {
    return "is no regular expression of RE2's syntax, of which `^((?!X).)*$` and `^(?!X).*$` are the only lookaheads";
  }
}

/** Whether the whole name matches; an expression with a fault matches none. */
export function matchesExpression(expression: string, name: string): boolean {
  if (expressionFault(expression) !== undefined) return false;
  const [, within] = CONTAINS_NOT.exec(expression) ?? [];
  if (within !== undefined) return !RE2JS.compile(within).matcher(name).find();
  const [, start] = STARTS_NOT.exec(expression) ?? [];
  if (start !== undefined) return !RE2JS.compile(`^(?:${start})`).matcher(name).find();
  return RE2JS.compile(expression).matches(name);
}

function positivePart(expression: string): string {
  return CONTAINS_NOT.exec(expression)?.[1] ?? STARTS_NOT.exec(expression)?.[1] ?? expression;
}

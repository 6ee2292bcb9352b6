import { ExprBudget, type ExprLimits } from './evaluate/budget.js';
import { evaluate } from './evaluate/evaluate.js';
import { ExprFailedError } from './expr.errors.js';
import { namesOf } from './syntax/names-of.js';
import { parseExpr } from './syntax/parser.js';
import type { Mapping } from './values.js';

export interface ExprOptions {
  limits?: ExprLimits;
  /** Milliseconds since 1970, for the builtin `now`; without it `now()` is 1970. */
  now?: () => number;
}

/** A compiled expression; running it never changes it nor its variables. */
export interface Expr {
  readonly source: string;
  /** Dotted paths of variables it reads (`app.status.health`, `time.Now`), as far as they are written out. */
  readonly names: ReadonlySet<string>;
  /**
   * Its value for JSON variables and the namespaces of this library.
   * @throws ExprFailedError, ExprLimitError
   */
  run(variables: Mapping, options?: ExprOptions): unknown;
  /** As `run`, for what must be true or false. */
  test(variables: Mapping, options?: ExprOptions): boolean;
}

/**
 * Reads an expression in the language of expr-lang (https://expr-lang.org), which Argo CD's notification triggers are written in.
 * @throws ExprError for a text that cannot be read, ExprLimitError for one that is too large
 */
export function compileExpr(source: string): Expr {
  const node = parseExpr(source);
  const run = (variables: Mapping, { limits, now = () => 0 }: ExprOptions = {}): unknown =>
    evaluate(node, { variables, now }, new ExprBudget(limits));
  return {
    source,
    names: namesOf(node),
    run,
    test: (variables, options) => {
      const value = run(variables, options);
      if (typeof value === 'boolean') return value;
      throw new ExprFailedError('the expression gives neither true nor false');
    },
  };
}

import { Budget, type TemplateLimits } from './execute/budget.js';
import { builtinFunctions } from './execute/builtins.js';
import { compileList, type TemplateCode } from './execute/compile-statements.js';
import type { FunctionTable } from './execute/define-function.js';
import { type MissingKey, placedError, type SourceText, State } from './execute/state.js';
import type { TemplateSources } from './execute/tools.js';
import { sprigFunctions } from './sprig/sprig-functions.js';
import { assertSourceLength } from './syntax/lexer.js';
import type { ListNode } from './syntax/nodes.js';
import { parseTemplate } from './syntax/parser.js';
import { TemplateError } from './template.errors.js';
import { toGoValue } from './values/from-json.js';

export interface GoTemplateOptions {
  /** Named in errors; Argo CD's are nameless. */
  name?: string;
  /** Argo CD's `goTemplateOptions`: `missingkey=default|invalid|zero|error`, the last one counts. */
  options?: readonly string[];
  /** More functions, or others for known names. */
  functions?: FunctionTable;
  /** Without them `now`, random texts and the like fail: a template then gives the same text for the same data. */
  sources?: TemplateSources;
}

/** A compiled template; executing it never changes it. */
export interface GoTemplate {
  readonly name: string;
  /** The trees by name, for those who look for the parameters a template uses. */
  readonly templates: ReadonlyMap<string, ListNode>;
  /** Whether it calls a function that may change the data it is executed with, `set` or `merge`. */
  readonly mayChangeData: boolean;
  /**
   * The text it gives for the data: plain JSON values, Maps, and values of this library. Data of this library (`toGoValue`)
   * is used in place: what `set` does to it stays.
   *
   * @param limits of this execution, or a budget shared with others.
   * @throws TemplateFailedError, TemplateLimitError
   */
  execute(data: unknown, limits?: TemplateLimits | Budget): string;
}

/** The functions of Go's text/template, of sprig, and Argo CD's own; sprig's win where names meet, as in Go. */
export const goFunctions: FunctionTable = { ...builtinFunctions, ...sprigFunctions };

/**
 * Reads a Go text/template with the functions Argo CD gives it.
 * @throws TemplateError for a text that cannot be read or an unknown option
 */
export function compileGoTemplate(text: string, options: GoTemplateOptions = {}): GoTemplate {
  const name = options.name ?? '';
  const missingKey = readMissingKey(options.options ?? []);
  const functions = Object.assign(Object.create(null) as Record<string, never>, goFunctions, options.functions);
  assertSourceLength(text, name);
  let mayChangeData = false;
  const templates = parseTemplate(name, text, (called) => {
    if (!Object.hasOwn(functions, called)) return false;
    mayChangeData ||= (functions as FunctionTable)[called]!.changesArguments;
    return true;
  });
  const code: TemplateCode = new Map();
  for (const [defined, list] of templates) code.set(defined, compileList(list, functions, code));
  const main = code.get(name)!;
  const source: SourceText = { name, text };
  const execute = (data: unknown, limits?: TemplateLimits | Budget): string => {
    const budget = limits instanceof Budget ? limits : new Budget(limits);
    const state = new State({ budget, sources: options.sources ?? {} }, missingKey, name, undefined);
    try {
      state.dot = state.variables[0] = toGoValue(data);
      main(state);
    } catch (error) {
      throw placedError(error, state, source);
    }
    return state.output;
  };
  return { name, templates, mayChangeData, execute };
}

/** @throws TemplateError for an option Go does not know; Argo CD panics there */
export function readMissingKey(options: readonly string[]): MissingKey {
  let missingKey: MissingKey = 'default';
  for (const option of options) {
    const value = /^missingkey=(default|invalid|zero|error)$/.exec(option)?.[1];
    if (!value) {
      throw new TemplateError(
        `unrecognized goTemplateOptions entry ${JSON.stringify(option)}; write missingkey=default, invalid, zero or error`,
      );
    }
    missingKey = value === 'invalid' ? 'default' : (value as MissingKey);
  }
  return missingKey;
}

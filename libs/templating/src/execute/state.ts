import type { Node } from '../syntax/nodes.js';
import { nodeText } from '../syntax/nodes.js';
import { TemplateError, TemplateFailedError, TemplateLimitError } from '../template.errors.js';
import { typeName } from '../values/go-type.js';
import type { GoValue } from '../values/go-value.js';
import type { Budget } from './budget.js';
import type { Tools } from './tools.js';

export type MissingKey = 'default' | 'zero' | 'error';

/** How to make one statement happen; the answer says whether a loop is to be left or taken up again. */
export type Statement = (state: State) => typeof GO_ON | typeof BREAK | typeof CONTINUE;
/** How to get one value. */
export type Expression = (state: State) => GoValue;

export const GO_ON = 0;
export const BREAK = 1;
export const CONTINUE = 2;

/** The text all templates of one parse stand in. */
export interface SourceText {
  name: string;
  text: string;
}

/** One execution. */
export class State implements Tools {
  readonly budget: Budget;
  readonly sources: Tools['sources'];
  readonly missingKey: MissingKey;
  dot: GoValue;
  /** Variables of the running template by slot; 0 is `$`. */
  variables: GoValue[];
  output = '';
  depth = 0;
  /** The running template's name. */
  template: string;
  /** The node being looked at, which errors name. */
  at: Node | undefined;

  constructor(tools: Tools, missingKey: MissingKey, template: string, data: GoValue) {
    this.budget = tools.budget;
    this.sources = tools.sources;
    this.missingKey = missingKey;
    this.template = template;
    this.dot = data;
    this.variables = [data];
  }

  write(text: string): void {
    const { maxOutput } = this.budget.limits;
    if (this.output.length + text.length > maxOutput) throw new TemplateLimitError(`the output has more than ${maxOutput} characters`);
    this.output += text;
  }

  fail(message: string): never {
    throw new ExecutionProblem(message);
  }

  failedType(expected: string, value: GoValue): never {
    return this.fail(`wrong type for value; expected ${expected}; got ${typeName(value)}`);
  }
}

/** Thrown inside an execution; leaves it as a TemplateError with its place. */
export class ExecutionProblem extends Error {
  readonly functionName?: string;

  constructor(message: string, functionName?: string, cause?: unknown) {
    super(message, { cause });
    this.functionName = functionName;
  }
}

/** What was thrown while `state` ran, with the place and in the words of Go. */
export function placedError(error: unknown, state: State, source: SourceText): TemplateError {
  if (error instanceof TemplateError && error.place.line !== undefined) return error;
  const problem = error instanceof ExecutionProblem ? error : undefined;
  const message = explain(error);
  const place = { template: state.template, function: problem?.functionName };
  const limit = limitIn(error);
  if (!state.at) return new (limit ? TemplateLimitError : TemplateFailedError)(`template: ${source.name}: ${message}`, {}, place, error);
  const before = source.text.slice(0, state.at.pos);
  const line = before.split('\n').length;
  const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1));
  const where = `${source.name}:${line}:${column}: executing ${JSON.stringify(state.template)} at <${nodeText(state.at)}>`;
  const Class = limit ? TemplateLimitError : TemplateFailedError;
  return new Class(`template: ${where}: ${message}`, {}, { ...place, line, column }, error);
}

function explain(error: unknown): string {
  // A stack that runs out is the template's depth, whatever made it so.
  if (error instanceof RangeError) return 'the template is nested too deeply';
  return error instanceof Error ? error.message : String(error);
}

function limitIn(error: unknown): boolean {
  if (error instanceof TemplateLimitError || error instanceof RangeError) return true;
  return error instanceof Error && error.cause !== undefined && limitIn(error.cause);
}

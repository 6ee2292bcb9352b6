import { formatValue } from '../format/format-value.js';
import type { ActionNode, BranchNode, ListNode, StatementNode, TemplateNode } from '../syntax/nodes.js';
import { nodeText } from '../syntax/nodes.js';
import { isTrue, typeName } from '../values/go-type.js';
import { GoFunction, type GoValue } from '../values/go-value.js';
import { PipelineCompiler } from './compile-pipeline.js';
import { compileRange } from './compile-range.js';
import type { FunctionTable } from './define-function.js';
import { BREAK, CONTINUE, GO_ON, type State, type Statement } from './state.js';

/** The code of every template of one parse, filled as they are compiled; calls look it up while running. */
export type TemplateCode = Map<string, Statement>;

/** A template's statements as one closure. */
export function compileList(list: ListNode, functions: FunctionTable, templates: TemplateCode): Statement {
  return new StatementCompiler(functions, templates).list(list);
}

export class StatementCompiler {
  readonly pipes: PipelineCompiler;
  readonly #templates: TemplateCode;

  constructor(functions: FunctionTable, templates: TemplateCode) {
    this.pipes = new PipelineCompiler(functions);
    this.#templates = templates;
  }

  list({ nodes }: ListNode): Statement {
    const statements = nodes.map((node) => this.#statement(node));
    if (statements.length === 1) return statements[0]!;
    return (state) => {
      for (const statement of statements) {
        const signal = statement(state);
        if (signal !== GO_ON) return signal;
      }
      return GO_ON;
    };
  }

  /** Runs `body` in a scope of its own. */
  scoped<T>(body: () => T): T {
    const { length } = this.pipes.scope;
    const result = body();
    this.pipes.scope.length = length;
    return result;
  }

  #statement(node: StatementNode): Statement {
    switch (node.type) {
      case 'text':
        return (state) => {
          state.budget.step();
          state.at = node;
          state.write(node.text);
          return GO_ON;
        };
      case 'action':
        return this.#action(node);
      case 'if':
      case 'with':
        return this.scoped(() => this.#condition(node));
      case 'range':
        return this.scoped(() => compileRange(node, this));
      case 'template':
        return this.#template(node);
      case 'break':
        return () => BREAK;
      case 'continue':
        return () => CONTINUE;
    }
  }

  #action(node: ActionNode): Statement {
    const value = this.pipes.pipeline(node.pipe);
    const declares = node.pipe.declared.length > 0;
    return (state) => {
      state.budget.step();
      const result = value(state);
      if (declares) return GO_ON;
      state.at = node;
      print(state, result, node);
      return GO_ON;
    };
  }

  #condition(node: BranchNode): Statement {
    const condition = this.pipes.pipeline(node.pipe);
    const then = this.scoped(() => this.list(node.list));
    const otherwise = node.otherwise ? this.scoped(() => this.list(node.otherwise!)) : undefined;
    return (state) => {
      state.budget.step();
      const value = condition(state);
      if (!isTrue(value)) return otherwise ? otherwise(state) : GO_ON;
      if (node.type === 'if') return then(state);
      const { dot } = state;
      state.dot = value;
      const signal = then(state);
      state.dot = dot;
      return signal;
    };
  }

  #template(node: TemplateNode): Statement {
    const data = node.pipe ? this.pipes.pipeline(node.pipe) : () => undefined;
    return (state) => {
      state.budget.step();
      state.at = node;
      const code = this.#templates.get(node.name);
      if (!code) return state.fail(`template ${JSON.stringify(node.name)} not defined`);
      if (state.depth >= state.budget.limits.maxDepth) state.budget.step(Number.POSITIVE_INFINITY);
      const value = data(state);
      const { dot, variables, template } = state;
      Object.assign(state, { dot: value, variables: [value], template: node.name, depth: state.depth + 1 });
      code(state);
      Object.assign(state, { dot, variables, template, depth: state.depth - 1 });
      return GO_ON;
    };
  }
}

function print(state: State, value: GoValue, node: ActionNode): void {
  if (typeof value === 'string') state.write(value);
  else if (value === undefined || value === null) state.write('<no value>');
  else if (value instanceof GoFunction) state.fail(`can't print ${nodeText(node)} of type ${typeName(value)}`);
  else state.write(formatValue(value, state.budget));
}

import type { AppProject } from '@flotilla/contracts';
import { isDeny, matchesRule } from './match-rule.js';
import { permitted, refused, type Verdict } from './verdict.js';

/** Longest regular expression and text a `/…/` rule is tried on. */
const MAX_EXPRESSION = 200;
/** Repeats of a repeat take exponential time on a hostile name. */
const NESTED_REPEAT = /[*+}]\)[*+{]/;

/**
 * Whether applications of a namespace may use a project. Its own namespace always may. A rule is a glob, or a regular
 * expression between slashes; Argo CD leaves that unanchored, we anchor it.
 */
export function checkSourceNamespace(project: AppProject, namespace: string): Verdict {
  const home = project.metadata.namespace ?? '';
  if (namespace === home) return permitted;
  const rules = project.spec.sourceNamespaces ?? [];
  if (rules.some((rule) => !isDeny(rule) && matchesNamespace(rule, namespace))) return permitted;
  return refused(
    `applications of namespace ${namespace} may not use AppProject ${project.metadata.name}: no entry of spec.sourceNamespaces matches it`,
  );
}

/** The expression of a `/…/` rule, or undefined for a glob. */
export function namespaceExpression(rule: string): string | undefined {
  return rule.length >= 2 && rule.startsWith('/') && rule.endsWith('/') ? rule.slice(1, -1) : undefined;
}

/** Why an expression is not used; undefined when it is. */
export function expressionFault(expression: string): string | undefined {
  if (expression === '') return 'is empty; it would match every namespace';
  if (expression.length > MAX_EXPRESSION) return `has more than ${MAX_EXPRESSION} characters`;
  if (NESTED_REPEAT.test(expression)) return 'repeats a repeat, which can take for ever';
  try {
    new RegExp(expression, 'u');
    return undefined;
  } catch {
    return 'is no regular expression';
  }
}

function matchesNamespace(rule: string, namespace: string): boolean {
  const expression = namespaceExpression(rule);
  if (expression === undefined) return matchesRule(rule, namespace);
  return expressionFault(expression) === undefined && new RegExp(`^(?:${expression})$`, 'u').test(namespace);
}

import type { AppProject } from '@flotilla/contracts';
import { isDeny, matchesRule } from './match-rule.js';
import { matchesExpression, namespaceExpression } from './namespace-expression.js';
import { permitted, refused, type Verdict } from './verdict.js';

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

function matchesNamespace(rule: string, namespace: string): boolean {
  const expression = namespaceExpression(rule);
  return expression === undefined ? matchesRule(rule, namespace) : matchesExpression(expression, namespace);
}

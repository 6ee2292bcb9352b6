import type { AppProject } from '@flotilla/contracts';
import { expressionFault, namespaceExpression } from '@flotilla/policy';
import type { Findings, KindRule } from '../admission.js';
import { checkGuardAnnotations } from './check-guard.js';
import { checkSyncWindows } from './check-sync-windows.js';

/** Kinds people look for in the core group, and the group they are in. */
const GROUPS: Readonly<Record<string, string>> = {
  NetworkPolicy: 'networking.k8s.io',
  Ingress: 'networking.k8s.io',
  IngressClass: 'networking.k8s.io',
  Deployment: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  ReplicaSet: 'apps',
  Job: 'batch',
  CronJob: 'batch',
  Role: 'rbac.authorization.k8s.io',
  RoleBinding: 'rbac.authorization.k8s.io',
  ClusterRole: 'rbac.authorization.k8s.io',
  ClusterRoleBinding: 'rbac.authorization.k8s.io',
  HorizontalPodAutoscaler: 'autoscaling',
  PodDisruptionBudget: 'policy',
  StorageClass: 'storage.k8s.io',
  CustomResourceDefinition: 'apiextensions.k8s.io',
};
const LISTS = ['clusterResourceWhitelist', 'clusterResourceBlacklist', 'namespaceResourceWhitelist', 'namespaceResourceBlacklist'] as const;

export const checkAppProject: KindRule = (document, findings, context) => {
  checkGuardAnnotations(document, findings, context);
  const { spec } = document as unknown as AppProject;
  for (const list of LISTS) {
    for (const [i, { group, kind }] of (spec[list] ?? []).entries()) {
      const real = group === '' ? GROUPS[kind] : undefined;
      if (real) findings.warn(`spec.${list}[${i}]: ${kind} is not in the core group; did you mean ${real}`);
    }
  }
  for (const [i, destination] of (spec.destinations ?? []).entries()) checkPlace(destination, `spec.destinations[${i}]`, findings);
  for (const [i, rule] of (spec.sourceNamespaces ?? []).entries()) checkNamespaceRule(rule, `spec.sourceNamespaces[${i}]`, findings);
  const roles = (spec.roles ?? []).map(({ name }) => name);
  for (const [i, name] of roles.entries()) {
    if (roles.indexOf(name) !== i) findings.error(`spec.roles[${i}].name`, `${JSON.stringify(name)} is already the name of another role`);
  }
  checkSyncWindows(spec.syncWindows ?? [], findings);
};

type Place = NonNullable<AppProject['spec']['destinations']>[number];

function checkPlace(destination: Place, field: string, findings: Findings): void {
  for (const part of ['server', 'name', 'namespace'] as const) {
    if (destination[part] === '!*') findings.error(`${field}.${part}`, '"!*" would refuse everything');
  }
  if (destination.server === undefined && destination.name === undefined) {
    findings.warn(`${field} names neither server nor name and permits nothing`);
  }
}

function checkNamespaceRule(rule: string, field: string, findings: Findings): void {
  const expression = namespaceExpression(rule);
  if (expression === undefined) return;
  const fault = expressionFault(expression);
  if (fault) findings.warn(`${field}: the expression ${fault}; it permits nothing`);
  else if (!expression.startsWith('^') || !expression.endsWith('$'))
    findings.warn(`${field}: the expression must match the whole namespace here; Argo CD leaves it unanchored`);
}

import { configMapSteps } from './config-map-steps.js';
import { customResourceSteps } from './custom-resource-steps.js';
import { deploymentSteps } from './deployment-steps.js';
import { namespaceSteps } from './namespace-steps.js';
import type { RequestStep } from './request-step.js';

/** A part of the suite that a server can run by itself. */
export interface RequestSection {
  name: 'namespace' | 'configmap' | 'deployment' | 'custom resource';
  steps: readonly RequestStep[];
}

/**
 * The requests every Kubernetes API of ours answers as the real one does. `namespace` must exist for all sections but the
 * first, which makes namespaces of its own; a server runs the sections whose kinds it has.
 */
export function requestSuite(namespace = 'default'): RequestSection[] {
  return [
    { name: 'namespace', steps: namespaceSteps() },
    { name: 'configmap', steps: configMapSteps(namespace) },
    { name: 'deployment', steps: deploymentSteps(namespace) },
    { name: 'custom resource', steps: customResourceSteps(namespace) },
  ];
}

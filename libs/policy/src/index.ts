export { checkApplication, defaultProject, type Violation } from './check-application.js';
export { checkCluster } from './check-cluster.js';
export { checkDestination, type DestinationFacts } from './check-destination.js';
export { checkResource, type ResourceFacts } from './check-resource.js';
export { checkSource, normaliseRepository } from './check-source.js';
export { checkSourceNamespace } from './check-source-namespace.js';
export { expressionFault, namespaceExpression } from './namespace-expression.js';
export { projectScope } from './project-scope.js';
export type { Verdict } from './verdict.js';

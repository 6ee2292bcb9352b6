export { checkApplication, defaultProject, type Violation } from './check-application.js';
export { checkDestination, type DestinationFacts } from './check-destination.js';
export { checkResource, type ResourceFacts } from './check-resource.js';
export { checkSource, normaliseRepository } from './check-source.js';
export { checkSourceNamespace, expressionFault, namespaceExpression } from './check-source-namespace.js';
export type { Verdict } from './verdict.js';

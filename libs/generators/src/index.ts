export { compileApplicationTemplate, RESOURCES_FINALIZER } from './expand/application-template.js';
export { ClusterShares } from './expand/cluster-share.js';
export { RenderTemplateError } from './expand/expand.errors.js';
export { expandSet } from './expand/expand-set.js';
export { documentOf, type Expansion, type GeneratedApplication, type HeldApplication } from './expand/expansion.js';
export { isApplicationName } from './expand/hold-names.js';
export { faultOfGoOptions, lintSet } from './expand/lint-set.js';
export type {
  ClusterEntry,
  DecisionChoice,
  DecisionPorts,
  DecisionResource,
  FileGlobs,
  GeneratorPorts,
  HostAnswer,
  HostPorts,
  ProjectScope,
  RepositoryFile,
} from './generator/generator.js';
export { GeneratorError, GeneratorForbiddenError, GeneratorInputError, UnknownGeneratorError } from './generator/generators.errors.js';
export { type GeneratorEntry, readEntry } from './generator/read-entry.js';
export { GENERATORS } from './generator/registry.js';
export { type SetInputs, setInputs } from './generator/set-inputs.js';
export type { Origin, Params } from './params/params.js';
export type { ManifestPlace } from './trace/locate-source.js';
export type {
  ParameterSource,
  SetTrace,
  TracedApplication,
  TracedParameter,
  UnmatchedOverlay,
  UnusedParameter,
} from './trace/set-trace.js';
export { MAX_TRACED_APPLICATIONS, type TraceOptions, traceSet } from './trace/trace-set.js';

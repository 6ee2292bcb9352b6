export { KubectlRunner, type Outcome } from './kubectl/kubectl-runner.js';
export { type MemoryApi, type MemoryApiOptions, startMemoryApi } from './memory-api.js';
export { describeKubeStorage, type StorageUnderTest } from './storage.contract.js';
export { normaliseAnswer, type RecordedAnswer } from './suite/normalise-answer.js';
export { recordedAnswers } from './suite/recorded-answers.js';
export type { RequestStep } from './suite/request-step.js';
export { type RequestSection, requestSuite } from './suite/request-suite.js';
export { type Recording, runRequestSuite, type SuiteTarget } from './suite/run-request-suite.js';

export type { Admission, AdmissionContext, FieldError } from './admission.js';
export { admit, MAX_DOCUMENT_BYTES } from './admit.js';
export { CONFIRMED_DELETIONS_ANNOTATION } from './check-metadata.js';
export { describeErrors } from './describe-errors.js';
export { clusterNameOf, type DestinationAnswer, findDuplicates, findSharedClusterNames, resolveDestination } from './load-together.js';
export { findUnknownFields, type UnknownField } from './unknown-fields.js';

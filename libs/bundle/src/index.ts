export { DigestMismatchError, DuplicateObjectError } from './bundle.errors.js';
export { type BundleBlob, type MadeBundle, makeBundle, type RenderedObject } from './make-bundle.js';
export { MAX_BUNDLE_ITEMS, parseBundle, parseObjectBlob, verifyBlob } from './parse-bundle.js';

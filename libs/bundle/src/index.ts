export { asksForSecret, type BrokerForm, brokerForm, ESO_GROUP, objectsOf, SEALED_SECRETS_GROUP } from './broker-form.js';
export { DigestMismatchError, DuplicateObjectError } from './bundle.errors.js';
export { type BundleBlob, type MadeBundle, makeBundle, type RenderedObject } from './make-bundle.js';
export { MAX_BUNDLE_ITEMS, parseBundle, parseObjectBlob, verifyBlob } from './parse-bundle.js';

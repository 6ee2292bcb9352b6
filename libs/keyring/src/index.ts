export type { Envelope, OpenEnvelope, SealToSpoke } from './hpke.js';
export { Keyring, type SealingContext } from './keyring.js';

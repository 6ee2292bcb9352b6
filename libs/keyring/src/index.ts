export { verifySignature } from './ed25519.js';
export {
  type Envelope,
  envelopeOpener,
  generateSealingKeyPair,
  isRawKey,
  type OpenEnvelope,
  openEnvelope,
  type SealToSpoke,
  sealToSpoke,
} from './hpke.js';
export { Keyring, type SealingContext } from './keyring.js';
export { loadOrCreateMasterKey, parseMasterKey } from './master-key.js';
export { createKeyring, MASTER_KEY_BYTES, MasterKeyring } from './master-keyring.js';
export {
  type AccountClaims,
  accountJwt,
  type NatsPermissions,
  type OperatorClaims,
  operatorJwt,
  readNatsJwt,
  type UserClaims,
  userJwt,
} from './nats-jwt.js';
export { generateNkey, isPublicNkey, type Nkey, type NkeyKind, nkeyFromRaw, nkeyFromSeed, verifyNkey } from './nkey.js';

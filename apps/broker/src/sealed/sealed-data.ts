import { constants, createCipheriv, createDecipheriv, type KeyObject, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';

const SESSION_KEY_BYTES = 32;
const TAG_BYTES = 16;
const LENGTH_BYTES = 2;
/** AES-256-GCM with a zero nonce: every session key seals one value. */
const NONCE = Buffer.alloc(12);

const oaep = (key: KeyObject, label: string) => ({
  key,
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: 'sha256',
  oaepLabel: Buffer.from(label),
});

/**
 * Seals a value as kubeseal does (sealed-secrets pkg/crypto HybridEncrypt): two bytes with the length of the session key sealed by
 * RSA-OAEP-SHA256 under the scope's label, that key, the value sealed by AES-256-GCM. base64.
 */
export function sealValue(publicKey: KeyObject, value: Uint8Array, label: string): string {
  const sessionKey = randomBytes(SESSION_KEY_BYTES);
  const sealedKey = publicEncrypt(oaep(publicKey, label), sessionKey);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(sealedKey.length);
  const cipher = createCipheriv('aes-256-gcm', sessionKey, NONCE);
  return Buffer.concat([length, sealedKey, cipher.update(value), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** The bytes of a ciphertext, or undefined for text that is none. */
export function readCiphertext(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > LENGTH_BYTES + TAG_BYTES && bytes.toString('base64') === text ? bytes : undefined;
}

/** The value, or undefined when this key, under this label, does not open it. */
export function openValue(privateKey: KeyObject, ciphertext: Buffer, label: string): Buffer | undefined {
  const length = ciphertext.readUInt16BE(0);
  const body = ciphertext.subarray(LENGTH_BYTES + length);
  if (body.length < TAG_BYTES) return undefined;
  try {
    const sessionKey = privateDecrypt(oaep(privateKey, label), ciphertext.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
    const decipher = createDecipheriv('aes-256-gcm', sessionKey, NONCE, { authTagLength: TAG_BYTES }).setAuthTag(body.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { canonicalJson, InvalidInputError } from '@flotilla/kernel';
import { type Ed25519Key, ed25519FromSeed } from './ed25519.js';
import { Keyring, type SealingContext } from './keyring.js';
import { type Nkey, type NkeyKind, nkeyFromRaw } from './nkey.js';

export const MASTER_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Every key is derived from the master key by HKDF-SHA256 with its purpose as info, so none needs storage of its own. */
export class MasterKeyring extends Keyring {
  readonly signingKey: string;
  readonly #masterKey: Uint8Array;
  readonly #sealingKey: Uint8Array;
  readonly #keyId: string;
  readonly #signer: Ed25519Key;
  readonly #hmacKeys = new Map<string, Uint8Array>();

  constructor(masterKey: Uint8Array) {
    super();
    if (masterKey.length !== MASTER_KEY_BYTES) {
      throw new InvalidInputError(`the master key has ${masterKey.length} bytes instead of ${MASTER_KEY_BYTES}`);
    }
    this.#masterKey = new Uint8Array(masterKey);
    this.#sealingKey = this.#derive('seal');
    this.#keyId = Buffer.from(this.#derive('seal-key-id').subarray(0, 4)).toString('hex');
    this.#signer = ed25519FromSeed(this.#derive('sign'));
    this.signingKey = Buffer.from(this.#signer.publicKey).toString('base64');
  }

  seal(plaintext: Uint8Array, context: SealingContext): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealingKey, nonce).setAAD(Buffer.from(canonicalJson(context)));
    const body = Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    return `v1.${this.#keyId}.${body.toString('base64url')}`;
  }

  open(sealed: string, context: SealingContext): Uint8Array {
    const named = `the sealed value of ${canonicalJson(context)}`;
    const [version, keyId, text] = sealed.split('.');
    if (version !== 'v1' || keyId === undefined || text === undefined)
      throw new InvalidInputError(`${named} is not in form v1`, { context });
    if (keyId !== this.#keyId) {
      throw new InvalidInputError(`${named} was sealed under master key ${keyId}; the one in use is ${this.#keyId}`, { context });
    }
    const body = Buffer.from(text, 'base64url');
    if (body.length < NONCE_BYTES + TAG_BYTES) throw new InvalidInputError(`${named} is cut short`, { context });
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#sealingKey, body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(canonicalJson(context)))
        .setAuthTag(body.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw new InvalidInputError(`${named} does not open: it belongs to another place or was changed`, { context }, cause);
    }
  }

  hmac(purpose: string, content: Uint8Array | string): string {
    let key = this.#hmacKeys.get(purpose);
    if (!key) {
      key = this.#derive(`hmac:${purpose}`);
      // Purposes are constants of the code; a caller that made them up per object would otherwise fill memory.
      if (this.#hmacKeys.size < 100) this.#hmacKeys.set(purpose, key);
    }
    return createHmac('sha256', key).update(content).digest('hex');
  }

  sign(content: Uint8Array | string): string {
    return this.#signer.sign(content).toString('base64');
  }

  /** The NATS key of this purpose: the same for every process with this master key, so a lost NATS directory loses no trust. */
  nkey(kind: NkeyKind, purpose: string): Nkey {
    return nkeyFromRaw(kind, this.#derive(`nkey:${kind}:${purpose}`));
  }

  #derive(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#masterKey, '', `flotilla v1 ${purpose}`, 32));
  }
}

/** @param masterKey 32 bytes */
export function createKeyring(masterKey: Uint8Array): MasterKeyring {
  return new MasterKeyring(masterKey);
}

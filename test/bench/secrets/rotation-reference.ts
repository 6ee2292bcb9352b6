import { createCipheriv, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { RawUnicast } from '../fleet/raw-unicast.js';
import { timed } from '../run/measure.js';

/** The least that giving a fleet a new value costs: AES-256-GCM and an ed25519 signature of the same bytes for each spoke, one message to each. */
export class RotationReference {
  readonly #count: number;
  readonly #unicast: RawUnicast;
  readonly #keys: Buffer[];
  readonly #signingKey: KeyObject;

  constructor(count: number) {
    this.#count = count;
    this.#unicast = new RawUnicast(count);
    this.#keys = Array.from({ length: count }, () => randomBytes(32));
    this.#signingKey = generateKeyPairSync('ed25519').privateKey;
  }

  open(): Promise<void> {
    return this.#unicast.open();
  }

  /** Milliseconds of each part. */
  async measure(plaintext: Uint8Array): Promise<{ seal: number; unicast: number }> {
    const envelopes: Uint8Array[] = [];
    const seal = await timed(() => {
      for (let i = 0; i < this.#count; i++) envelopes.push(this.#seal(i, plaintext));
    });
    return { seal, unicast: await timed(() => this.#unicast.send((i) => envelopes[i]!)) };
  }

  close(): Promise<void> {
    return this.#unicast.close();
  }

  #seal(spoke: number, plaintext: Uint8Array): Uint8Array {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#keys[spoke]!, nonce);
    const sealed = Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    return Buffer.concat([sealed, sign(null, sealed, this.#signingKey)]);
  }
}

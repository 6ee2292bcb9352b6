import { admit, describeErrors } from '@flotilla/admission';
import type { SealedSecret } from '@flotilla/contracts';
import { InvalidInputError, messageOf } from '@flotilla/kernel';
import { parseYaml } from '@flotilla/yaml';
import { SecretFault } from '../secret-fault.errors.js';
import { openItems } from './open-sealed-secret.js';
import { scopeLabel } from './scope.js';
import { sealValue } from './sealed-data.js';
import type { SealingKeys } from './sealing-keys.js';

/** What kubeseal asks the controller of SealedSecrets: its certificate, whether a SealedSecret opens, and to seal one anew. */
export class AnswerKubeseal {
  readonly #keys: SealingKeys;

  constructor(keys: SealingKeys) {
    this.#keys = keys;
  }

  async certificate(): Promise<{ certificate: string }> {
    const [newest] = await this.#keys.all();
    return { certificate: newest!.certificate };
  }

  async verify({ text }: { text: string }): Promise<{ valid: boolean; message?: string }> {
    const { document, place } = readSealed(text);
    try {
      openItems(document, place, await this.#keys.all());
      return { valid: true };
    } catch (error) {
      if (error instanceof SecretFault) return { valid: false, message: messageOf(error) };
      throw error;
    }
  }

  /** Seals every item to the newest key in the scope it had. @throws InvalidInputError for one that does not open */
  async rotate({ text }: { text: string }): Promise<{ text: string }> {
    const { raw, document, place } = readSealed(text);
    const keys = await this.#keys.all();
    const values = openOrRefuse(() => openItems(document, place, keys));
    const label = scopeLabel(document, place);
    const encryptedData = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, sealValue(keys[0]!.publicKey, value, label)]),
    );
    return { text: JSON.stringify({ ...raw, spec: { ...raw.spec, encryptedData } }) };
  }
}

function openOrRefuse<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw error instanceof SecretFault ? new InvalidInputError(error.message) : error;
  }
}

/** @throws InvalidInputError */
function readSealed(text: string): { raw: SealedSecret; document: SealedSecret; place: { namespace: string; name: string } } {
  const raw = parseOne(text);
  const { document, errors } = admit(raw, { byService: true, namespace: (raw as SealedSecret).metadata?.namespace ?? 'default' });
  if (document?.kind !== 'SealedSecret')
    throw new InvalidInputError(document ? `${document.kind} is no SealedSecret` : `no SealedSecret: ${describeErrors(errors)}`);
  const sealed = document as unknown as SealedSecret;
  return { raw: raw as SealedSecret, document: sealed, place: { namespace: sealed.metadata.namespace ?? '', name: sealed.metadata.name } };
}

/** The parser's message would quote the text. */
function parseOne(text: string): unknown {
  try {
    return parseYaml(text, { maxDocuments: 1 })[0] ?? {};
  } catch {
    throw new InvalidInputError('the text is neither JSON nor YAML of one document');
  }
}

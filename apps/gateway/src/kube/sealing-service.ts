import {
  MAX_SEALED_TEXT,
  rotateSealedReplySchema,
  SEALING_TIMEOUT_MS,
  sealingCertReplySchema,
  verifySealedReplySchema,
} from '@flotilla/contracts';
import { InvalidInputError } from '@flotilla/kernel';
import { type ApiAnswer, jsonAnswer, KubeApiError, textAnswer } from '@flotilla/kubeapi';
import type { MessageBus } from '@flotilla/messaging';

/** Names the controller of SealedSecrets has by its manifest, and by its chart. */
const NAMES = 'sealed-secrets-controller|sealed-secrets';
const SERVICE = new RegExp(`^/api/v1/namespaces/([a-z0-9-]{1,63})/services/(${NAMES})$`);
const PROXY = new RegExp(`^/api/v1/namespaces/[a-z0-9-]{1,63}/services/(?:http:)?(?:${NAMES})(?::[a-z0-9-]*)?/proxy/(v1/[a-z.]+)$`);

/** Bytes of a SealedSecret that kubeseal may send. */
export const MAX_SEALED_BYTES = MAX_SEALED_TEXT;

/**
 * The Service behind which kubeseal looks for the controller of SealedSecrets, in whichever namespace it asks: kubeseal reads the
 * Service for the name of its port and then goes through the API server's proxy. The broker answers.
 */
export class SealingService {
  readonly #bus: MessageBus;

  constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  /** Whether a path is one of these. */
  serves(path: string): boolean {
    return SERVICE.test(path) || PROXY.test(path);
  }

  /** @param path decoded, one that `serves` */
  async answer(method: string, path: string, body: () => Promise<Buffer>): Promise<ApiAnswer> {
    const [, namespace, name] = SERVICE.exec(path) ?? [];
    if (namespace && name) return method === 'GET' ? jsonAnswer(200, serviceOf(namespace, name)) : notAllowed();
    const verb = `${method} ${PROXY.exec(path)?.[1]}`;
    if (verb === 'GET v1/cert.pem') {
      const { certificate } = await this.#bus.ask(
        'broker',
        'sealing-cert',
        {},
        { reply: sealingCertReplySchema, timeoutMs: SEALING_TIMEOUT_MS },
      );
      return textAnswer(200, `${certificate.trimEnd()}\n`, 'application/x-pem-file');
    }
    if (verb === 'POST v1/verify') return this.#verify((await body()).toString('utf8'));
    if (verb === 'POST v1/rotate') return this.#rotate((await body()).toString('utf8'));
    if (verb === 'GET v1/healthz' || verb === 'GET v1/healthy') return textAnswer(200, 'ok\n');
    return notAllowed();
  }

  /** kubeseal reads 409 as "unable to decrypt sealed secret". */
  async #verify(text: string): Promise<ApiAnswer> {
    const { valid, message } = await this.#bus.ask(
      'broker',
      'verify-sealed',
      { text },
      { reply: verifySealedReplySchema, timeoutMs: SEALING_TIMEOUT_MS },
    );
    return valid ? textAnswer(200, '') : refusal(message ?? 'the SealedSecret does not open');
  }

  async #rotate(text: string): Promise<ApiAnswer> {
    try {
      const rotated = await this.#bus.ask(
        'broker',
        'rotate-sealed',
        { text },
        { reply: rotateSealedReplySchema, timeoutMs: SEALING_TIMEOUT_MS },
      );
      return textAnswer(200, rotated.text, 'application/json');
    } catch (error) {
      if (error instanceof InvalidInputError) return refusal(error.message);
      throw error;
    }
  }
}

function serviceOf(namespace: string, name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { type: 'ClusterIP', ports: [{ name: 'http', port: 8080, protocol: 'TCP', targetPort: 'http' }] },
  };
}

function refusal(message: string): ApiAnswer {
  const { status } = new KubeApiError(409, 'Conflict', message);
  return jsonAnswer(409, status);
}

function notAllowed(): ApiAnswer {
  const { status } = new KubeApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  return jsonAnswer(405, status);
}

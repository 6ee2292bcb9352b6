import { createHmac } from 'node:crypto';
import { type DesiredApp, type Grant, type SecretReceipt, type SecretRefusal, secretContext, secretStatement } from '@flotilla/contracts';
import { canonicalJson, digestBytes } from '@flotilla/kernel';
import { sealToSpoke } from '@flotilla/keyring';

export interface HandedOut {
  grant: string;
  version: string;
  envelope: string;
  signature: string;
}

type GrantRest = Partial<Grant> & { type?: string; annotations?: Record<string, string> };
type Wants = { grant: string; version: string }[];

/** The broker of a fake hub: seals values to its one spoke, and hands out whatever a test puts in their place. */
export class FakeBroker {
  /** By grant. */
  readonly envelopes = new Map<string, HandedOut>();
  /** What each request wanted. */
  readonly asked: Wants[] = [];
  /** What the spoke said, by grant. */
  readonly receipts = new Map<string, SecretReceipt>();
  /** Why nothing is given, while it is not. */
  refusal: Omit<SecretRefusal, 'grant'> | undefined;
  readonly #spoke: { fleet: string; spokeId: string };
  readonly #sealingPublicKey: string;
  readonly #sign: (text: string) => string;

  constructor(spoke: { fleet: string; spokeId: string }, sealingPublicKey: string, sign: (text: string) => string) {
    this.#spoke = spoke;
    this.#sealingPublicKey = sealingPublicKey;
    this.#sign = sign;
  }

  /** A grant of a Secret with these values (in clear), whose envelope can be asked for from now on. */
  async grant(
    app: Pick<DesiredApp, 'uid'>,
    target: Grant['target'],
    values: Record<string, string>,
    { type = 'Opaque', annotations, ...rest }: GrantRest = {},
  ): Promise<Grant & { version: string }> {
    const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
    const metadata = { ...target, ...(annotations ? { annotations } : {}) };
    const text = canonicalJson({ apiVersion: 'v1', kind: 'Secret', metadata, type, data });
    const grant = {
      id: digestBytes(`${app.uid} ${target.name}`).slice(0, 24),
      app: app.uid,
      source: `${target.name}-0123456789`,
      from: { kind: 'ExternalSecret' as const, ...target },
      target,
      wave: 0,
      creationPolicy: 'Owner' as const,
      version: createHmac('sha256', 'broker').update(text).digest('hex'),
      ...rest,
    };
    this.envelopes.set(grant.id, await this.seal(grant, text));
    return grant;
  }

  /** An envelope as the broker makes it, for this spoke's key or another's. */
  async seal(
    grant: Pick<Grant, 'id' | 'target'> & { version: string },
    text: string,
    { publicKey = this.#sealingPublicKey, spoke = this.#spoke.spokeId }: { publicKey?: string; spoke?: string } = {},
  ): Promise<HandedOut> {
    const context = secretContext(this.#spoke.fleet, spoke, grant);
    const envelope = JSON.stringify(await sealToSpoke(publicKey, Buffer.from(text), context));
    return this.signed({ grant: grant.id, version: grant.version, envelope }, spoke);
  }

  /** With the hub's signature over what it says. */
  signed(content: Omit<HandedOut, 'signature'>, spoke = this.#spoke.spokeId): HandedOut {
    return { ...content, signature: this.#sign(secretStatement(spoke, content.grant, content.version, content.envelope)) };
  }

  answer({ wants }: { wants: Wants }): object {
    this.asked.push(wants);
    const { refusal } = this;
    if (refusal) return { envelopes: [], refused: wants.map(({ grant }) => ({ grant, ...refusal })) };
    const unknown = wants.filter(({ grant }) => !this.envelopes.has(grant));
    return {
      envelopes: wants.flatMap(({ grant }) => this.envelopes.get(grant) ?? []),
      refused: unknown.map(({ grant }) => ({ grant, code: 'not-granted', message: 'it is not in the document' })),
    };
  }

  hear(receipts: readonly SecretReceipt[] = []): void {
    for (const receipt of receipts) this.receipts.set(receipt.grant, receipt);
  }
}

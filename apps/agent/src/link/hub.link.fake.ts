import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { makeBundle } from '@flotilla/bundle';
import {
  type AppStatus,
  type Beat,
  type DesiredApp,
  type DesiredBody,
  type Grant,
  type HelloRequest,
  isNewer,
  type Position,
  type ResourceStatus,
  type SignedHeader,
  type StatusBatch,
  sealedBlobContext,
  sealedBlobStatement,
} from '@flotilla/contracts';
import { canonicalJson, digestBytes, newSpokeId, UnavailableError } from '@flotilla/kernel';
import { generateNkey, generateSealingKeyPair, sealToSpoke } from '@flotilla/keyring';
import type { Identity } from '../state/agent-state.js';
import { FakeBroker } from './broker.fake.js';
import { HubLink, type LinkListener, type LinkReply } from './hub.link.js';

type Stored = { frame: Uint8Array; sealed?: { signature: string } };

/** A hub of one spoke, in memory: signs documents by hand, serves them in parts, and keeps what the spoke reports. */
export class FakeHub {
  readonly identity: Identity;
  readonly broker: FakeBroker;
  readonly beats: Beat[] = [];
  readonly hellos: HelloRequest[] = [];
  readonly apps = new Map<string, AppStatus & { rows: Map<string, ResourceStatus> }>();
  readonly receipts = new Map<string, StatusBatch['receipts'][number]>();
  unassigned: NonNullable<StatusBatch['unassigned']> = [];
  /** Trace contexts that came with status batches. */
  readonly statusTraces: (string | undefined)[] = [];
  answers: unknown[] = [];
  /** Largest part of a document or blob that is sent at once. */
  partBytes = 512 * 1024;
  /** Refusal of every request, or nothing. */
  refusal: string | undefined;
  isDown = false;
  readonly #signingKey = generateKeyPairSync('ed25519');
  readonly #sealingPublicKey: string;
  readonly #blobs = new Map<string, Stored>();
  readonly #links = new Set<FakeLink>();
  #document: { signed: SignedHeader; packed: Buffer } | undefined;
  #session = 0;
  #generation = 0;
  epoch = 1;

  constructor(fleet = 'test') {
    const sealing = generateSealingKeyPair();
    this.#sealingPublicKey = sealing.publicKey;
    const jwk = this.#signingKey.publicKey.export({ format: 'jwk' });
    this.identity = {
      spokeId: newSpokeId(),
      cluster: 'c-uid',
      fleet,
      hubCa: '',
      hubUrl: 'https://127.0.0.1:1',
      natsUrls: [],
      userJwt: '',
      nkeySeed: generateNkey('user').seed,
      sealingPrivateKey: sealing.privateKey,
      signingKey: Buffer.from(jwk.x ?? '', 'base64url').toString('base64'),
    };
    this.broker = new FakeBroker(this.identity, sealing.publicKey, (text) => this.#sign(text));
  }

  connect(): Promise<HubLink> {
    if (this.isDown) return Promise.reject(new UnavailableError('the hub is down'));
    const link = new FakeLink(this);
    this.#links.add(link);
    return Promise.resolve(link);
  }

  /** Stores rendered objects as a bundle and answers its digest. */
  async bundle(objects: readonly unknown[]): Promise<string> {
    const made = makeBundle(
      objects.map((object) => ({ object })),
      (text) => createHmac('sha256', 'hub').update(text).digest('hex'),
    );
    for (const { digest, text, sealed } of made.blobs) {
      if (!sealed) {
        this.#blobs.set(digest, { frame: zstdCompressSync(Buffer.from(text)) });
        continue;
      }
      const { spokeId } = this.identity;
      const envelope = await sealToSpoke(this.#sealingPublicKey, Buffer.from(text), sealedBlobContext(spokeId, digest));
      const frame = Buffer.from(JSON.stringify(envelope));
      this.#blobs.set(digest, { frame, sealed: { signature: this.#sign(sealedBlobStatement(spokeId, digest, frame)) } });
    }
    return made.digest;
  }

  /** Signs a document and rings the doorbell. */
  assign(apps: readonly DesiredApp[], removals: DesiredBody['removals'] = [], grants: readonly Grant[] = []): Position {
    this.#generation++;
    const body = canonicalJson({ apps: [...apps], grants: [...grants], removals } satisfies DesiredBody);
    this.#document = { signed: this.signHeader(body, {}), packed: zstdCompressSync(Buffer.from(body)) };
    for (const link of this.#links) link.listener?.wake(this.position);
    return this.position!;
  }

  /** A signed header for a body, with fields overwritten. */
  signHeader(body: string, overwrite: Record<string, unknown>): SignedHeader {
    const { fleet, spokeId: spoke, cluster } = this.identity;
    const header = {
      fleet,
      spoke,
      cluster,
      epoch: this.epoch,
      generation: this.#generation,
      bodyDigest: digestBytes(body),
      bodyBytes: Buffer.byteLength(body),
      issuedAt: new Date().toISOString(),
      ...overwrite,
    };
    return { header, signature: this.#sign(canonicalJson(header)) };
  }

  /** Puts any document in force, signed or not. */
  serve(signed: SignedHeader, body: string): void {
    this.#document = { signed, packed: zstdCompressSync(Buffer.from(body)) };
    for (const link of this.#links) link.listener?.wake({ epoch: signed.header.epoch, generation: signed.header.generation });
  }

  ask(ask: Record<string, unknown>): void {
    for (const link of this.#links) link.listener?.ask({ token: 'token', ...ask });
  }

  get position(): Position | undefined {
    const header = this.#document?.signed.header;
    return header && { epoch: header.epoch, generation: header.generation };
  }

  /** Requests as they come in on a line. */
  reply(verb: string, content: unknown): LinkReply {
    if (this.isDown) throw new UnavailableError('the hub is down');
    if (this.refusal) return meta({ error: { code: this.refusal, message: 'refused by the test' } });
    if (verb === 'hello') return this.#hello(content as HelloRequest);
    if (verb === 'desired') return this.#desired(content as { held?: Position; from?: { offset: number } });
    if (verb === 'blobs') return this.#blobParts(content as { wants: { digest: string; offset: number }[] });
    if (verb === 'secrets') return meta(this.broker.answer(content as { wants: [] }));
    return this.#status(content as StatusBatch);
  }

  drop(link: FakeLink): void {
    this.#links.delete(link);
  }

  #hello(hello: HelloRequest): LinkReply {
    this.hellos.push(hello);
    this.#session++;
    const { fleet, cluster } = this.identity;
    const times = { beatIntervalMs: 1_000, leaseMs: 3_000, snapshotDelayMs: 0, hubTime: Date.now() };
    return meta({ session: this.#session, fleet, cluster, current: this.position, ...times });
  }

  #desired({ held, from }: { held?: Position; from?: { offset: number } }): LinkReply {
    const document = this.#document;
    if (!document || !isNewer(document.signed.header, held)) return meta({ current: true });
    const offset = from?.offset ?? 0;
    const bytes = document.packed.subarray(offset, offset + this.partBytes);
    return { meta: { signed: document.signed, offset, totalBytes: document.packed.length }, bytes };
  }

  #blobParts({ wants }: { wants: { digest: string; offset: number }[] }): LinkReply {
    const parts = [];
    const chunks: Uint8Array[] = [];
    let room = this.partBytes;
    for (const { digest, offset } of wants) {
      const blob = this.#blobs.get(digest);
      if (!blob || room === 0) continue;
      const chunk = blob.frame.subarray(offset, offset + room);
      room -= chunk.length;
      chunks.push(chunk);
      parts.push({ digest, offset, length: chunk.length, totalBytes: blob.frame.length, sealed: blob.sealed });
    }
    return { meta: { parts }, bytes: Buffer.concat(chunks) };
  }

  #status(batch: StatusBatch): LinkReply {
    if (batch.session !== this.#session) return meta({ error: { code: 'snapshot', message: 'another session' } });
    if (batch.snapshot === 'start' || batch.snapshot === 'whole') this.apps.clear();
    for (const app of batch.apps) {
      const rows = app.complete ? new Map<string, ResourceStatus>() : (this.apps.get(app.uid)?.rows ?? new Map<string, ResourceStatus>());
      for (const key of app.goneResources ?? []) rows.delete(key);
      for (const row of app.resources ?? []) rows.set(row.key, row);
      this.apps.set(app.uid, { ...app, rows });
    }
    for (const uid of batch.gone) this.apps.delete(uid);
    for (const receipt of batch.receipts) this.receipts.set(receipt.uid, receipt);
    this.unassigned = batch.unassigned ?? this.unassigned;
    this.broker.hear(batch.secrets);
    return meta({ seq: batch.seq });
  }

  #sign(text: string): string {
    return sign(null, Buffer.from(text), this.#signingKey.privateKey).toString('base64');
  }
}

export class FakeLink extends HubLink {
  listener: LinkListener | undefined;
  readonly #hub: FakeHub;
  #close: () => void = () => {};
  readonly #closed = new Promise<void>((resolve) => {
    this.#close = resolve;
  });

  constructor(hub: FakeHub) {
    super();
    this.#hub = hub;
  }

  closed(): Promise<void> {
    return this.#closed;
  }

  async request(verb: string, content: unknown, options: { traceparent?: string } = {}): Promise<LinkReply> {
    if (verb === 'status') this.#hub.statusTraces.push(options.traceparent);
    // Over the wire and back: what does not survive JSON does not arrive.
    return this.#hub.reply(verb, JSON.parse(JSON.stringify(content)));
  }

  beat(content: unknown): void {
    if (!this.#hub.isDown) this.#hub.beats.push(content as Beat);
  }

  answer(_token: string, _n: number, content: unknown): void {
    this.#hub.answers = [...this.#hub.answers, content];
  }

  listen(listener: LinkListener): void {
    this.listener = listener;
    listener.connected();
  }

  async close(): Promise<void> {
    this.#hub.drop(this);
    this.#close();
  }
}

const meta = (content: unknown): LinkReply => ({ meta: JSON.parse(JSON.stringify(content)), bytes: new Uint8Array() });

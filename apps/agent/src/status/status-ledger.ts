import { MAX_STATUS_BYTES, type SecretReceipt, type StatusBatch } from '@flotilla/contracts';
import { byteLength, commitTold, doubtGone, doubtTold, type FullAppStatus, type Sent, StatusDraft } from './status-draft.js';

type Receipt = StatusBatch['receipts'][number];
type Unassigned = NonNullable<StatusBatch['unassigned']>;

/** Room for the batch's own members. */
const BUDGET_BYTES = MAX_STATUS_BYTES - 4096;
const MAX_RECEIPTS = 50;
const MAX_UNASSIGNED = 100;
const MAX_SECRETS = 50;
const MAX_GONE = 500;

/** A batch, and what it tells beyond what it says. */
interface Batch {
  draft: StatusDraft;
  gone: readonly string[];
  receipts: readonly Receipt[];
  secrets: readonly SecretReceipt[];
  unassigned: Unassigned | undefined;
  snapshot: StatusBatch['snapshot'];
}

/**
 * What the hub was told and what it has acknowledged. `next` builds the difference, as much as fits one batch; `acknowledge` makes
 * it known; what a batch told that is not acknowledged is told again, as it is by then. Rows are compared by content, so what flaps
 * back before it was sent is not sent.
 */
export class StatusLedger {
  readonly #current = new Map<string, FullAppStatus>();
  #sent = new Map<string, Sent>();
  /** Applications that may stand otherwise than the hub was told: only these are compared. Those that wait longest come first. */
  #unsure = new Set<string>();
  /** Applications the hub was told of and that are no more. */
  #gone = new Set<string>();
  #receipts = new Map<string, Receipt>();
  #sentReceipts = new Map<string, string>();
  readonly #secrets = new Map<string, readonly SecretReceipt[]>();
  #sentSecrets = new Map<string, string>();
  #unassigned: Unassigned = [];
  #sentUnassigned = '[]';
  #snapshot: 'none' | 'start' | 'part' = 'none';
  #onItsWay: Batch | undefined;

  set(status: FullAppStatus): void {
    this.#current.set(status.uid, status);
    this.#unsure.add(status.uid);
    this.#gone.delete(status.uid);
  }

  forget(uid: string): void {
    this.#current.delete(uid);
    this.#unsure.delete(uid);
    this.#secrets.delete(uid);
    if (this.#sent.has(uid)) this.#gone.add(uid);
  }

  setReceipts(receipts: readonly Receipt[]): void {
    this.#receipts = new Map(receipts.map((receipt) => [receipt.uid, receipt]));
  }

  /** Of all grants of one application. */
  setSecrets(uid: string, receipts: readonly SecretReceipt[]): void {
    this.#secrets.set(uid, receipts);
  }

  setUnassigned(unassigned: Unassigned): void {
    this.#unassigned = unassigned.slice(0, MAX_UNASSIGNED);
  }

  /** Whether `next` would say anything. */
  get hasNews(): boolean {
    return this.#build() !== undefined;
  }

  get apps(): number {
    return this.#current.size;
  }

  get unhealthy(): number {
    return [...this.#current.values()].filter(({ health }) => health !== 'Healthy').length;
  }

  /** The next batches tell everything, whatever was acknowledged before. */
  beginSnapshot(): void {
    this.#snapshot = 'start';
    this.#onItsWay = undefined;
    this.#sent = new Map();
    this.#unsure = new Set(this.#current.keys());
    this.#gone = new Set();
    this.#sentReceipts = new Map();
    this.#sentSecrets = new Map();
    this.#sentUnassigned = '[]';
  }

  /** The next batch's content, or undefined when the hub knows all. */
  next(): Omit<StatusBatch, 'session' | 'seq'> | undefined {
    this.#doubt();
    const batch = this.#build();
    this.#onItsWay = batch;
    if (!batch) return undefined;
    const { draft, gone, receipts, secrets, unassigned, snapshot } = batch;
    const said = { ...(secrets.length > 0 ? { secrets: [...secrets] } : {}), ...(unassigned ? { unassigned } : {}) };
    return { apps: draft.apps, gone: [...gone], receipts: [...receipts], ...said, ...(snapshot ? { snapshot } : {}) };
  }

  /** The batch of the last `next` is committed at the hub. */
  acknowledge(): void {
    const batch = this.#onItsWay;
    this.#onItsWay = undefined;
    if (!batch) return;
    for (const told of batch.draft.told) {
      commitTold(told, this.#sent);
      if (told.isWhole && this.#current.get(told.status.uid) === told.status) this.#unsure.delete(told.status.uid);
      else this.#lookAgain(told.status.uid);
    }
    for (const uid of batch.gone) {
      this.#sent.delete(uid);
      this.#gone.delete(uid);
    }
    for (const receipt of batch.receipts) this.#sentReceipts.set(receipt.uid, JSON.stringify(receipt));
    for (const secret of batch.secrets) this.#sentSecrets.set(secret.grant, contentOf(secret));
    if (batch.unassigned) this.#sentUnassigned = JSON.stringify(batch.unassigned);
    if (batch.snapshot) this.#snapshot = batch.draft.isComplete ? 'none' : 'part';
  }

  /** A batch that nobody acknowledged may have been heard all the same: nothing it told counts as known, before it or after. */
  #doubt(): void {
    const batch = this.#onItsWay;
    if (!batch) return;
    for (const told of batch.draft.told) {
      doubtTold(told, this.#sent);
      this.#lookAgain(told.status.uid);
    }
    for (const uid of batch.gone) doubtGone(uid, this.#sent);
    for (const { uid } of batch.receipts) this.#sentReceipts.delete(uid);
    for (const { grant } of batch.secrets) this.#sentSecrets.delete(grant);
    if (batch.unassigned) this.#sentUnassigned = '';
  }

  #lookAgain(uid: string): void {
    if (this.#current.has(uid)) this.#unsure.add(uid);
    else this.#gone.add(uid);
  }

  #build(): Batch | undefined {
    const secrets = this.#newSecrets();
    const draft = this.#draft(BUDGET_BYTES - byteLength(JSON.stringify(secrets)));
    const gone = [...this.#gone].slice(0, MAX_GONE);
    const receipts = [...this.#receipts.values()].filter((r) => this.#sentReceipts.get(r.uid) !== JSON.stringify(r)).slice(0, MAX_RECEIPTS);
    const unassigned = JSON.stringify(this.#unassigned) === this.#sentUnassigned ? undefined : this.#unassigned;
    const isEmpty = draft.apps.length + gone.length + receipts.length + secrets.length === 0 && unassigned === undefined;
    if (isEmpty && this.#snapshot === 'none') return undefined;
    return { draft, gone, receipts, secrets, unassigned, snapshot: this.#snapshotMark(draft.isComplete) };
  }

  #draft(room: number): StatusDraft {
    const draft = new StatusDraft(room);
    for (const uid of this.#unsure) {
      const told = draft.addApp(this.#current.get(uid)!, this.#sent.get(uid), this.#snapshot !== 'none');
      if (told === 'known') this.#unsure.delete(uid);
      if (told === 'full') break;
    }
    return draft;
  }

  /** What it was told before, and a new time alone, is no news; a grant that went and comes again is. */
  #newSecrets(): SecretReceipt[] {
    const current = [...this.#secrets.values()].flat();
    const known = new Set(current.map(({ grant }) => grant));
    for (const grant of this.#sentSecrets.keys()) if (!known.has(grant)) this.#sentSecrets.delete(grant);
    return current.filter((receipt) => this.#sentSecrets.get(receipt.grant) !== contentOf(receipt)).slice(0, MAX_SECRETS);
  }

  #snapshotMark(isComplete: boolean): StatusBatch['snapshot'] {
    if (this.#snapshot === 'none') return undefined;
    if (this.#snapshot === 'start') return isComplete ? 'whole' : 'start';
    return isComplete ? 'end' : 'part';
  }
}

const contentOf = (receipt: SecretReceipt): string => JSON.stringify({ ...receipt, observedAt: '' });

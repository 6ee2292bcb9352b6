import { type AppStatus, MAX_STATUS_BYTES, type ResourceStatus, type SecretReceipt, type StatusBatch } from '@flotilla/contracts';

/** An application as it stands, with all its rows. */
export interface FullAppStatus extends Omit<AppStatus, 'resources' | 'goneResources' | 'complete'> {
  rows: Map<string, ResourceStatus>;
}

type Receipt = StatusBatch['receipts'][number];
type Unassigned = NonNullable<StatusBatch['unassigned']>;

interface Sent {
  head: string;
  rows: Map<string, string>;
}

/** Room for the batch's own members. */
const BUDGET_BYTES = MAX_STATUS_BYTES - 4096;
const MAX_RECEIPTS = 50;
const MAX_UNASSIGNED = 100;
const MAX_SECRETS = 50;
const MAX_GONE = 500;

/**
 * What the hub was told and what it has acknowledged. `next` builds the difference, as much as fits one batch; `acknowledge` makes
 * it known; a batch that is not acknowledged is built anew. Rows are compared by content, so what flaps back is not sent.
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
  #pending: (() => void) | undefined;

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
    const pending = this.#pending;
    const news = this.next() !== undefined;
    this.#pending = pending;
    return news;
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
    this.#pending = undefined;
    this.#sent = new Map();
    this.#unsure = new Set(this.#current.keys());
    this.#gone = new Set();
    this.#sentReceipts = new Map();
    this.#sentSecrets = new Map();
    this.#sentUnassigned = '[]';
  }

  /** The next batch's content, or undefined when the hub knows all. */
  next(): Omit<StatusBatch, 'session' | 'seq'> | undefined {
    const secrets = this.#newSecrets();
    const draft = this.#draft(BUDGET_BYTES - byteLength(JSON.stringify(secrets)));
    const gone = [...this.#gone].slice(0, MAX_GONE);
    const receipts = [...this.#receipts.values()].filter((r) => this.#sentReceipts.get(r.uid) !== JSON.stringify(r)).slice(0, MAX_RECEIPTS);
    const unassigned = JSON.stringify(this.#unassigned) === this.#sentUnassigned ? undefined : this.#unassigned;
    const isEmpty =
      draft.apps.length === 0 && gone.length === 0 && receipts.length === 0 && secrets.length === 0 && unassigned === undefined;
    if (isEmpty && this.#snapshot === 'none') return undefined;
    const snapshot = this.#snapshotMark(draft.isComplete);
    this.#pending = () => {
      this.#commit(draft);
      for (const uid of gone) {
        this.#sent.delete(uid);
        this.#gone.delete(uid);
      }
      for (const receipt of receipts) this.#sentReceipts.set(receipt.uid, JSON.stringify(receipt));
      for (const secret of secrets) this.#sentSecrets.set(secret.grant, contentOf(secret));
      if (unassigned) this.#sentUnassigned = JSON.stringify(unassigned);
      if (snapshot) this.#snapshot = draft.isComplete ? 'none' : 'part';
    };
    const said = secrets.length > 0 ? { secrets } : {};
    return { apps: draft.apps, gone, receipts, ...said, ...(unassigned ? { unassigned } : {}), ...(snapshot ? { snapshot } : {}) };
  }

  /** The batch of the last `next` is committed at the hub. */
  acknowledge(): void {
    this.#pending?.();
    this.#pending = undefined;
  }

  #draft(room: number): Draft {
    const draft = new Draft(room);
    for (const uid of this.#unsure) {
      const told = draft.addApp(this.#current.get(uid)!, this.#sent.get(uid), this.#snapshot !== 'none');
      if (told === 'known') this.#unsure.delete(uid);
      if (told === 'full') break;
    }
    return draft;
  }

  #commit(draft: Draft): void {
    draft.commit(this.#sent);
    for (const status of draft.whole) if (this.#current.get(status.uid) === status) this.#unsure.delete(status.uid);
    for (const { uid } of draft.apps) if (!this.#current.has(uid)) this.#gone.add(uid);
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

/** One batch in the making. */
class Draft {
  readonly apps: AppStatus[] = [];
  /** Those that the batch tells all there is to tell of. */
  readonly whole: FullAppStatus[] = [];
  isComplete = true;
  #room: number;
  readonly #commits: ((sent: Map<string, Sent>) => void)[] = [];

  constructor(room: number) {
    this.#room = room;
  }

  /** Whether there is nothing to tell, it is told, or nothing more fits. */
  addApp(status: FullAppStatus, sent: Sent | undefined, isSnapshot: boolean): 'known' | 'told' | 'full' {
    const { rows, ...head } = status;
    const headText = JSON.stringify({ ...head, observedAt: '' });
    const changed = [...rows.values()]
      .map((row) => ({ row, text: JSON.stringify(row) }))
      .filter(({ row, text }) => sent?.rows.get(row.key) !== text);
    const goneResources = sent ? [...sent.rows.keys()].filter((key) => !rows.has(key)) : [];
    if (sent?.head === headText && changed.length === 0 && goneResources.length === 0) return 'known';
    const base = byteLength(headText) + byteLength(JSON.stringify(goneResources)) + 64;
    if (base > this.#room && this.apps.length > 0) return this.#full();
    this.#room -= base;
    const fitting: typeof changed = [];
    for (const entry of changed) {
      const size = byteLength(entry.text) + 1;
      if (size > this.#room) break;
      this.#room -= size;
      fitting.push(entry);
    }
    this.apps.push({
      ...head,
      ...(fitting.length > 0 ? { resources: fitting.map(({ row }) => row) } : {}),
      ...(goneResources.length > 0 ? { goneResources } : {}),
      ...(isSnapshot && !sent ? { complete: true } : {}),
    });
    this.#commits.push((all) => {
      const kept = all.get(status.uid) ?? { head: '', rows: new Map<string, string>() };
      kept.head = headText;
      for (const key of goneResources) kept.rows.delete(key);
      for (const { row, text } of fitting) kept.rows.set(row.key, text);
      all.set(status.uid, kept);
    });
    if (fitting.length < changed.length) return this.#full();
    this.whole.push(status);
    return 'told';
  }

  commit(sent: Map<string, Sent>): void {
    for (const commit of this.#commits) commit(sent);
  }

  #full(): 'full' {
    this.isComplete = false;
    return 'full';
  }
}

const contentOf = (receipt: SecretReceipt): string => JSON.stringify({ ...receipt, observedAt: '' });
const byteLength = (text: string): number => Buffer.byteLength(text);

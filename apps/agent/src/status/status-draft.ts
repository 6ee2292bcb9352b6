import type { AppStatus, ResourceStatus } from '@flotilla/contracts';

/** An application as it stands, with all its rows. */
export interface FullAppStatus extends Omit<AppStatus, 'resources' | 'goneResources' | 'complete'> {
  rows: Map<string, ResourceStatus>;
}

/** What the hub was told of an application; the empty text stands for what it may have heard or not. */
export interface Sent {
  head: string;
  rows: Map<string, string>;
  /** Whether some batch about it was acknowledged. */
  isHeard: boolean;
}

/** One application in a batch. */
interface Told {
  status: FullAppStatus;
  head: string;
  rows: readonly { row: ResourceStatus; text: string }[];
  goneResources: readonly string[];
  /** Whether that is all there is to tell. */
  isWhole: boolean;
}

/** The applications of one batch in the making. */
export class StatusDraft {
  readonly apps: AppStatus[] = [];
  readonly told: Told[] = [];
  isComplete = true;
  #room: number;

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
      ...(isSnapshot && !sent?.isHeard ? { complete: true } : {}),
    });
    const isWhole = fitting.length === changed.length;
    this.told.push({ status, head: headText, rows: fitting, goneResources, isWhole });
    return isWhole ? 'told' : this.#full();
  }

  #full(): 'full' {
    this.isComplete = false;
    return 'full';
  }
}

/** The batch is committed at the hub. */
export function commitTold({ status, head, rows, goneResources }: Told, sent: Map<string, Sent>): void {
  const kept = sent.get(status.uid) ?? { head: '', rows: new Map<string, string>(), isHeard: true };
  kept.head = head;
  kept.isHeard = true;
  for (const key of goneResources) kept.rows.delete(key);
  for (const { row, text } of rows) kept.rows.set(row.key, text);
  sent.set(status.uid, kept);
}

/** Nobody knows whether the batch arrived: what it told is told again, or called gone, whatever is so by then. */
export function doubtTold({ status, rows, goneResources }: Told, sent: Map<string, Sent>): void {
  const kept = sent.get(status.uid) ?? { head: '', rows: new Map<string, string>(), isHeard: false };
  kept.head = '';
  for (const key of [...goneResources, ...rows.map(({ row }) => row.key)]) kept.rows.set(key, '');
  sent.set(status.uid, kept);
}

/** The same of an application that was called gone. */
export function doubtGone(uid: string, sent: Map<string, Sent>): void {
  const kept = sent.get(uid);
  if (!kept) return;
  kept.head = '';
  for (const key of kept.rows.keys()) kept.rows.set(key, '');
}

export const byteLength = (text: string): number => Buffer.byteLength(text);

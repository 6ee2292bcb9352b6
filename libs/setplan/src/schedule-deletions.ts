import { DELETE_AFTER_ANNOTATION, type ResourceDocument } from '@flotilla/contracts';
import { withoutMark } from './merge-application.js';

/** A deletion that is decided and not carried out yet. */
export interface PendingDeletion {
  name: string;
  /** RFC 3339. */
  deleteAfter: string;
}

export interface DeletionSchedule {
  /** Names to delete now. */
  delete: string[];
  pending: PendingDeletion[];
  /** Documents to write: their mark is set, or taken off. */
  mark: ResourceDocument[];
}

export interface ScheduleInput {
  /** Names the guard lets go. */
  leaving: readonly string[];
  /** The set's applications that are not being deleted, by name. */
  owned: ReadonlyMap<string, ResourceDocument>;
  /** Names a person confirmed: those go at once. */
  released: readonly string[];
  restoreWindowMs: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * Deletions in two steps: an application is marked with the time after which it goes, and until then nothing of it
 * changes. Whoever is not leaving, or is held, loses its mark.
 */
export function scheduleDeletions({ leaving, owned, released, restoreWindowMs, now }: ScheduleInput): DeletionSchedule {
  const schedule: DeletionSchedule = { delete: [], pending: [], mark: [] };
  const going = new Set(leaving);
  const confirmed = new Set(released);
  for (const [name, document] of owned) {
    if (!going.has(name)) {
      const unmarked = withoutMark(document);
      if (unmarked !== document) schedule.mark.push(unmarked);
      continue;
    }
    const at = Math.min(markOf(document) ?? Number.POSITIVE_INFINITY, now + restoreWindowMs);
    if (confirmed.has(name) || at <= now) {
      schedule.delete.push(name);
      continue;
    }
    const deleteAfter = new Date(at).toISOString();
    schedule.pending.push({ name, deleteAfter });
    if (document.metadata.annotations?.[DELETE_AFTER_ANNOTATION] !== deleteAfter) schedule.mark.push(marked(document, deleteAfter));
  }
  schedule.delete.sort();
  schedule.pending.sort((a, b) => (a.name < b.name ? -1 : 1));
  return schedule;
}

/** A timer holds no more than some 24 days; looking in between costs nothing. */
const MAX_WAIT_MS = 3_600_000;

/** How long until the soonest pending deletion is due, or worth another look; undefined without one. */
export function untilDue(pending: readonly PendingDeletion[], now: number): number | undefined {
  if (pending.length === 0) return undefined;
  const due = pending.reduce((soonest, { deleteAfter }) => Math.min(soonest, Date.parse(deleteAfter)), Number.POSITIVE_INFINITY);
  return Math.min(Math.max(0, due - now), MAX_WAIT_MS);
}

function markOf({ metadata }: ResourceDocument): number | undefined {
  const at = Date.parse(metadata.annotations?.[DELETE_AFTER_ANNOTATION] ?? '');
  return Number.isNaN(at) ? undefined : at;
}

function marked(document: ResourceDocument, deleteAfter: string): ResourceDocument {
  const annotations = { ...document.metadata.annotations, [DELETE_AFTER_ANNOTATION]: deleteAfter };
  return { ...document, metadata: { ...document.metadata, annotations } };
}

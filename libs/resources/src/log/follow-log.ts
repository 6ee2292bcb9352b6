import type { ResourceDocument } from '@flotilla/contracts';
import { UnavailableError } from '@flotilla/kernel';
import { readResourceVersion } from '../document/continue-token.js';
import { hasMutablePart, matchesDocument, matchesFixed } from '../document/selection.js';
import type { ResourceEvent, WatchOptions } from '../resource-store.js';
import type { LogEntry, LogSource } from './log-source.js';

/**
 * A watch: pages of the log as one stream, each entry once, in order. There is no queue per watcher: a slow one falls
 * behind the source's ring and is then read to from the log. A source that is away is waited for.
 */
export async function* followLog<T extends ResourceDocument>(
  source: LogSource,
  kind: string,
  options: WatchOptions,
): AsyncGenerator<ResourceEvent<T>> {
  const { signal } = options;
  let position = readResourceVersion(options.resourceVersion);
  const close = source.open(kind);
  try {
    const startedAt = position;
    const members = hasMutablePart(options) ? await persist(source, signal, () => source.membersAt(kind, options, startedAt)) : undefined;
    while (!signal.aborted) {
      const page = await persist(source, signal, () => source.read(kind, position));
      if (!page) return;
      for (const entry of page.entries) {
        position = entry.rv;
        const type = typeFor(entry, options, members);
        if (type) yield eventOf<T>(entry, type);
        if (signal.aborted) return;
      }
      const isAtEnd = page.upTo <= position && page.entries.length === 0;
      position = Math.max(position, page.upTo);
      if (isAtEnd) await source.moved(kind, position, signal);
    }
  } finally {
    close();
  }
}

/** What an entry is to a watcher with a selection: one that ceases to match is DELETED to it, as in Kubernetes. */
function typeFor(entry: LogEntry, options: WatchOptions, members: Set<string> | undefined): LogEntry['type'] | undefined {
  if (!matchesFixed(options, entry.document)) return undefined;
  if (!members) return entry.type;
  const uid = entry.document.metadata.uid ?? '';
  const wasMember = members.has(uid);
  if (entry.type !== 'DELETED' && matchesDocument(options, entry.document)) {
    members.add(uid);
    return wasMember ? 'MODIFIED' : 'ADDED';
  }
  members.delete(uid);
  return wasMember ? 'DELETED' : undefined;
}

function eventOf<T extends ResourceDocument>(entry: LogEntry, type: LogEntry['type']): ResourceEvent<T> {
  const { document, rv, traceparent, isStatusOnly } = entry;
  return {
    type,
    document: document as T,
    resourceVersion: String(rv),
    ...(traceparent === undefined ? {} : { traceparent }),
    // One that begins or ceases to match is news to this watcher, whatever moved.
    ...(isStatusOnly && type === 'MODIFIED' ? { isStatusOnly } : {}),
  };
}

async function persist<T>(source: LogSource, signal: AbortSignal, read: () => Promise<T>): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      await source.pause(signal);
    }
  }
  return undefined;
}

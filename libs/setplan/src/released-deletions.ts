import { type ApplicationSet, CONFIRMED_DELETIONS_ANNOTATION } from '@flotilla/contracts';

/** Names a person released since the last reconcile; an unreadable annotation releases nothing. */
export function releasedDeletions(set: ApplicationSet): string[] {
  const text = set.metadata.annotations?.[CONFIRMED_DELETIONS_ANNOTATION];
  if (text === undefined) return [];
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

export function withReleased<T extends ApplicationSet>(set: T, names: readonly string[]): T {
  const { [CONFIRMED_DELETIONS_ANNOTATION]: _, ...annotations } = set.metadata.annotations ?? {};
  const released = names.length > 0 ? { [CONFIRMED_DELETIONS_ANNOTATION]: JSON.stringify([...new Set(names)].sort()) } : {};
  return { ...set, metadata: { ...set.metadata, annotations: { ...annotations, ...released } } };
}

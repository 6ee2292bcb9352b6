import { GENERATED_FROM_ANNOTATION, type ResourceDocument } from '@flotilla/contracts';
import type { Origin } from '@flotilla/generators';
import { isObject } from '@flotilla/kernel';

/** What a generated application remembers of where it came from. A place in a list moves whenever the list does, so it is left out. */
export type Source = Pick<Origin, 'generator' | 'file' | 'cluster'>;

/** Nested generators give a few; more would only fill the document. */
const MAX_SOURCES = 8;

export function generatedFrom(origins: readonly Origin[]): string {
  const sources = origins.slice(0, MAX_SOURCES).map(({ generator, file, cluster }) => ({ generator, file, cluster }));
  return JSON.stringify(sources);
}

/** Nothing is known of an application whose annotation is missing or unreadable. */
export function sourcesOf({ metadata }: ResourceDocument): Source[] {
  try {
    const read: unknown = JSON.parse(metadata.annotations?.[GENERATED_FROM_ANNOTATION] ?? '[]');
    return Array.isArray(read) ? read.filter(isSource).slice(0, MAX_SOURCES) : [];
  } catch {
    return [];
  }
}

function isSource(value: unknown): value is Source {
  const isText = (text: unknown) => text === undefined || typeof text === 'string';
  return isObject(value) && typeof value.generator === 'string' && isText(value.file) && isText(value.cluster);
}

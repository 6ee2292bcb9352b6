import type { ManifestPlace, ParameterSource, SetTrace } from '@flotilla/generators';
import { InvalidInputError, isObject } from '@flotilla/kernel';
import { isSet, readManifests } from './read-manifests.js';

/** A set of a file as the text of one document, for a hub that reads one at a time, and where it stands. */
export interface SetText {
  text: string;
  /** Its name, where it has one. */
  set: string | undefined;
  manifest: ManifestPlace;
}

export function setTexts(files: readonly string[]): SetText[] {
  const sets = files.flatMap((file) => readManifests(file)).filter(isSet);
  if (sets.length === 0) throw new InvalidInputError(`${files.join(', ')} holds no ApplicationSet`);
  return sets.map(({ document, file, lineOf }) => ({ text: JSON.stringify(document), set: nameOf(document), manifest: { file, lineOf } }));
}

function nameOf({ metadata }: Record<string, unknown>): string | undefined {
  const name = isObject(metadata) ? metadata.name : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** A hub's trace with the lines that only who has the manifest can tell. */
export function locateFields(trace: SetTrace, { file, lineOf }: ManifestPlace): SetTrace {
  const locate = (source: ParameterSource): ParameterSource => {
    if (source.field === undefined || source.file !== undefined) return source;
    const line = lineOf(source.field.replace(/\[(\d+)\]/g, '.$1'));
    return { ...source, file, ...(line === undefined ? {} : { line }) };
  };
  const within = <T extends { source: ParameterSource }>(one: T): T => ({ ...one, source: locate(one.source) });
  return {
    ...trace,
    applications: trace.applications.map((application) => ({
      ...application,
      parameters: application.parameters.map(({ source, overridden, ...parameter }) => ({
        ...parameter,
        ...(source ? { source: locate(source) } : {}),
        ...(overridden ? { overridden: overridden.map(within) } : {}),
      })),
    })),
    unused: trace.unused.map(within),
    unmatched: trace.unmatched.map(within),
  };
}

import { codeOf, FlotillaError, messageOf } from '@flotilla/kernel';

/** One line for a machine: what is wrong with a set, and where. Every member is there; what cannot be told is null. */
export interface OfflineFault {
  set: string | null;
  /** `spec.generators[0].git`. */
  generator: string | null;
  /** A field of the set, `spec.template.metadata.name`. */
  field: string | null;
  /** The manifest, or the file of a repository or of an inventory that is at fault. */
  file: string | null;
  line: number | null;
  code: string;
  message: string;
}

const NOWHERE = { set: null, generator: null, field: null, file: null, line: null };

/** Where a fault stands unless the error knows better. */
export interface FaultPlace {
  set?: string;
  file?: string;
  /** The line of a field of the set. */
  lineOf?(path: string): number | undefined;
}

/** A field that is `''` is the whole document. */
export function fault(place: FaultPlace, parts: { generator?: string; field?: string; code: string; message: string }): OfflineFault {
  const { set = null, file = null, lineOf } = place;
  const { field, ...rest } = parts;
  const line = lineOf?.((field ?? parts.generator ?? '').replace(/\[(\d+)\]/g, '.$1')) ?? null;
  return { ...NOWHERE, set, file, line, ...(field ? { field } : {}), ...rest };
}

/** An application that is held back, as a fault of its set. */
export function faultOfHeld(
  { reason, message, field, generator }: { reason: string; message: string; field?: string | undefined; generator?: string | undefined },
  place: FaultPlace,
): OfflineFault {
  const at = { ...(generator ? { generator: `spec.${generator}` } : {}), ...(field ? { field: `spec.template.${field}` } : {}) };
  return fault(place, { ...at, code: reason, message });
}

/**
 * What an error says, in the form of a fault. An error nobody raised on purpose is a defect and thrown on, but for the system's own
 * about files.
 */
export function faultOf(error: unknown, place: FaultPlace): OfflineFault {
  if (!(error instanceof FlotillaError)) throw error;
  const { generator, field, file, line } = error.details as { generator?: string; field?: string; file?: string; line?: number };
  const path = generator === undefined ? undefined : `spec.${generator}`;
  const at = fault(place, {
    ...(path ? { generator: path } : {}),
    ...(field ? { field: path && !field.startsWith('spec.') ? `${path}.${field}` : field } : {}),
    code: codeOf(error),
    message: messageOf(error),
  });
  return file ? { ...at, file, line: line ?? null } : at;
}

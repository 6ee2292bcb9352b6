import { InvalidInputError } from '@flotilla/kernel';

type Version = readonly [number, number, number];

/** The oldest server whose permissions and live revocation were proven. */
const OLDEST: Version = [2, 9, 10];
/** The first releases of their lines without the denial bypasses and pre-authentication crashes published in 2026. */
const PATCHED_2_12: Version = [2, 12, 12];
const PATCHED_2_14: Version = [2, 14, 3];

/**
 * @returns a warning for a server with published holes, undefined for a good one
 * @throws InvalidInputError for one that is too old to be trusted with per-spoke permissions, or names no version
 */
export function checkNatsVersion(text: string): string | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text);
  if (!match) throw new InvalidInputError(`nats-server says ${JSON.stringify(text)}, which is no version`);
  const version: Version = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (isBelow(version, OLDEST)) {
    throw new InvalidInputError(`nats-server ${text} is older than ${OLDEST.join('.')}, the oldest supported; install 2.14.3 or newer`);
  }
  const isPatched = !isBelow(version, PATCHED_2_14) || (version[1] === 12 && !isBelow(version, PATCHED_2_12));
  return isPatched ? undefined : `nats-server ${text} has published security holes; use 2.12.12 or later in its line, or 2.14.3 or newer`;
}

function isBelow(a: Version, b: Version): boolean {
  const i = a.findIndex((part, index) => part !== b[index]);
  return i >= 0 && a[i]! < b[i]!;
}

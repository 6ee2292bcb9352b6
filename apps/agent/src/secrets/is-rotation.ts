import type { DesiredApp, Grant } from '@flotilla/contracts';
import { jsonEqual } from '@flotilla/kernel';
import type { SecretsAtHand } from './granted-items.js';

interface Assigned {
  desired: DesiredApp;
  grants: readonly Grant[];
}

/**
 * Whether all that is new about an application is a value that has to be fetched first: there is nothing to do and nothing to say
 * until it comes or is refused.
 */
export function isRotation(former: Assigned | undefined, next: Assigned, at: SecretsAtHand): boolean {
  const isAwaited = ({ id, ...grant }: Grant): boolean =>
    grant.version !== undefined && at.versionOf({ id, ...grant }) !== grant.version && at.reasonFor(id) === undefined;
  if (!former || !next.grants.some(isAwaited)) return false;
  const timeless = ({ desired, grants }: Assigned): unknown => [desired, grants.map(({ version: _, ...grant }) => grant)];
  return jsonEqual(timeless(former), timeless(next));
}

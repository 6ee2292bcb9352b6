import { decideDeletions, type GuardSettings } from '@flotilla/policy';
import type { LocalObject } from './local.store.js';

/** A document that its application no longer wants. */
export interface Leaving {
  object: LocalObject;
  /** Deleted already; finalizers keep it. */
  isGoing: boolean;
  /** By its label, or by that of the cluster it goes to. */
  isProtected: boolean;
}

/** What annotation `deletion-approved` of the application says, as Argo CD reads it; a time in milliseconds since the epoch. */
export type Approval = 'always' | number | undefined;

export interface RemovalQuestion {
  leaving: readonly Leaving[];
  /** Names of documents that stay. */
  staying: readonly string[];
  settings: GuardSettings;
  approval: Approval;
  /** By whom the deletions are wanted now: with `nobody` only what was held goes, once it is released, and what is going already. */
  wantedBy: 'automation' | 'person' | 'nobody';
  now: number;
}

export interface RemovalPlan {
  /** To delete now, those that are going already included. */
  remove: Leaving[];
  held: LocalObject[];
  /** Waits for the end of the restore window, which starts when the object left. */
  pending: (LocalObject & { deleteAt: number })[];
  /** Nobody wants to delete them any more. */
  off: LocalObject[];
  /** Why some are held. */
  rule?: string;
}

/** Kind and name, with the namespace where it is not that of its application. */
export function objectName({ kind, namespace, name }: Pick<LocalObject, 'kind' | 'namespace' | 'name'>, home: string): string {
  return namespace === '' || namespace === home ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

const keyOf = ({ kind, namespace, name }: LocalObject): string => `${kind}/${namespace}/${name}`;

/** Pure: the guard over what an application of applications would delete from the hub's own store; the same as over sets. */
export function judgeRemoval({ leaving, staying, settings, approval, wantedBy, now }: RemovalQuestion): RemovalPlan {
  const isWanted = ({ object }: Leaving): boolean =>
    wantedBy !== 'nobody' || object.heldSince !== undefined || object.releasedBy !== undefined;
  const present = leaving.filter(({ isGoing }) => !isGoing);
  const plan: RemovalPlan = {
    remove: leaving.filter(({ isGoing }) => isGoing),
    held: [],
    pending: [],
    off: present.filter((one) => !isWanted(one)).map(({ object }) => object),
  };
  const waiting = present.filter(isWanted);
  const byKey = new Map(waiting.map((one) => [keyOf(one.object), one]));
  const released = new Set(waiting.filter((one) => isReleased(one, approval)).map(({ object }) => keyOf(object)));
  const others = [...staying, ...plan.off.map(keyOf)];
  const decision = decideDeletions([...others, ...byKey.keys()], others, [...released], {
    settings,
    isProtected: (key) => byKey.get(key)?.isProtected === true,
    owner: 'application',
  });
  const holds = new Set(decision.hold);
  for (const [key, one] of byKey) {
    const { object } = one;
    const isHeld = holds.has(key) || (wantedBy === 'nobody' && !released.has(key));
    const deleteAt = (object.leftAt ?? now) + settings.restoreWindowMs;
    if (isHeld) plan.held.push({ ...object, leftAt: now, heldSince: object.heldSince ?? now });
    else if (released.has(key) || wantedBy === 'person' || deleteAt <= now) plan.remove.push(one);
    else plan.pending.push({ ...withoutHold(object), leftAt: object.leftAt ?? now, deleteAt });
  }
  if (plan.held.length > 0) plan.rule = decision.rule ?? 'pruning is not asked for any more';
  return plan;
}

function isReleased({ object, isProtected }: Leaving, approval: Approval): boolean {
  if (object.releasedBy !== undefined) return true;
  if (approval === 'always') return !isProtected;
  // RFC 3339 as people write it has whole seconds.
  return approval !== undefined && object.heldSince !== undefined && approval >= Math.floor(object.heldSince / 1_000) * 1_000;
}

function withoutHold({ heldSince: _heldSince, ...object }: LocalObject): LocalObject {
  return object;
}

/** Clocks of people and hub differ; a time further ahead would also release what nobody has seen held. */
const MAX_AHEAD_MS = 5 * 60_000;

/** @param text `true`, or an RFC 3339 time as `argocd app confirm-deletion` writes it; anything else approves nothing */
export function readApproval(text: string | undefined, now: number): Approval {
  if (text === 'true') return 'always';
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) || at > now + MAX_AHEAD_MS ? undefined : at;
}

import type { Condition } from '@flotilla/contracts';
import type { DeletionReason, PendingDeletion, Refusal } from '@flotilla/setplan';

/** Names listed in a condition's text; the rest is counted. */
const LISTED = 10;
/** Longest text of a condition. */
const MAX_MESSAGE = 4096;

export interface SetOutcome {
  /** Why the expansion failed as a whole; everything else is empty then. */
  failure?: { reason: string; message: string };
  refused: readonly Refusal[];
  warnings: readonly string[];
  hold: readonly string[];
  /** The rule that holds them, and why each left the set, as far as that is known. */
  holdRule?: string | undefined;
  reasons?: readonly Pick<DeletionReason, 'name' | 'message'>[] | undefined;
  pending?: readonly PendingDeletion[] | undefined;
  setName: string;
}

/** Its writer is `tell-rollout.ts`; everybody else leaves it as it is. */
export const ROLLOUT_PROGRESSING = 'RolloutProgressing';

/**
 * Conditions as Argo CD's ApplicationSet controller writes them (ErrorOccurred, ParametersGenerated, ResourcesUpToDate),
 * and three of ours: Held, DeletionsPending and Warning. A condition's time moves only when its status does.
 */
export function setConditions(outcome: SetOutcome, before: readonly Condition[], now: number): Condition[] {
  const { failure, refused, warnings, hold, setName } = outcome;
  const generated = 'All applications have been generated successfully';
  const upToDate: Omit<Condition, 'type' | 'status'> = { reason: 'ApplicationSetUpToDate', message: generated };
  const invalid = { reason: 'ApplicationValidationError', message: listed(refused.map(({ name, message }) => `${name}: ${message}`)) };
  const held = { reason: 'DeletionsHeld', message: heldMessage(outcome) };
  const trouble = failure ?? (refused.length > 0 ? invalid : undefined);
  const parameters = failure
    ? { status: 'False' as const, reason: 'ErrorOccurred', message: failure.message }
    : { status: 'True' as const, reason: 'ParametersGenerated', message: 'Successfully generated parameters for all Applications' };
  const current = trouble ?? (hold.length > 0 ? held : upToDate);
  const conditions: Condition[] = [
    { type: 'ErrorOccurred', status: trouble ? 'True' : 'False', ...(trouble ?? upToDate) },
    { type: 'ParametersGenerated', ...parameters },
    { type: 'ResourcesUpToDate', status: current === upToDate ? 'True' : 'False', ...current },
  ];
  if (hold.length > 0) conditions.push({ type: 'Held', status: 'True', ...held });
  if (outcome.pending && outcome.pending.length > 0) conditions.push(pendingCondition(outcome.pending, setName));
  if (warnings.length > 0) conditions.push({ type: 'Warning', status: 'True', reason: 'ReadWithRemarks', message: listed(warnings) });
  return [...conditions.map((condition) => settle(condition, before, now)), ...before.filter(({ type }) => type === ROLLOUT_PROGRESSING)];
}

/** What would go, the verb that lets it go, and why it would. */
function heldMessage({ hold, holdRule, reasons = [], setName }: SetOutcome): string {
  const one = hold.length === 1;
  const rule = holdRule === undefined ? '' : ` (${holdRule})`;
  const why = reasons.length > 0 ? `; why: ${listed(reasons.map(({ name, message }) => `${name}: ${message}`))}` : '';
  return (
    `${hold.length} ${one ? 'application' : 'applications'} would be deleted and ${one ? 'is' : 'are'} held${rule}: ` +
    `${listed(hold, ', ')}; release with: flotilla appset confirm-deletes ${setName} NAME...${why}`
  );
}

function pendingCondition(pending: readonly PendingDeletion[], setName: string): Condition {
  const list = listed(pending.map(({ name, deleteAfter }) => `${name} after ${deleteAfter}`));
  const message = `${list}; keep with: flotilla appset restore ${setName} NAME..., or generate them again before`;
  return { type: 'DeletionsPending', status: 'True', reason: 'RestoreWindow', message };
}

/** The condition with its text cut and its time: that of the one before when the status is the same. */
export function settle(condition: Condition, before: readonly Condition[], now: number): Condition {
  const message = (condition.message ?? '').slice(0, MAX_MESSAGE);
  const old = before.find(({ type }) => type === condition.type);
  const lastTransitionTime =
    old?.status === condition.status && old.lastTransitionTime
      ? old.lastTransitionTime
      : new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z');
  return { ...condition, message, lastTransitionTime };
}

function listed(texts: readonly string[], separator = '; '): string {
  const more = texts.length - LISTED;
  return [...texts.slice(0, LISTED), ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}

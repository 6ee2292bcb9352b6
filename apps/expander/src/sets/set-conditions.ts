import type { Condition } from '@flotilla/contracts';
import type { Refusal } from '@flotilla/setplan';

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
  setName: string;
}

/**
 * Conditions as Argo CD's ApplicationSet controller writes them (ErrorOccurred, ParametersGenerated, ResourcesUpToDate),
 * and two of ours: Held and Warning. A condition's time moves only when its status does.
 */
export function setConditions(outcome: SetOutcome, before: readonly Condition[], now: number): Condition[] {
  const { failure, refused, warnings, hold, setName } = outcome;
  const generated = 'All applications have been generated successfully';
  const upToDate: Omit<Condition, 'type' | 'status'> = { reason: 'ApplicationSetUpToDate', message: generated };
  const invalid = { reason: 'ApplicationValidationError', message: listed(refused.map(({ name, message }) => `${name}: ${message}`)) };
  const held = {
    reason: 'DeletionsHeld',
    message:
      `${hold.length} ${hold.length === 1 ? 'application' : 'applications'} would be deleted and ${hold.length === 1 ? 'is' : 'are'} held: ` +
      `${listed(hold, ', ')}; release with: flotilla appset confirm-deletes ${setName} NAME...`,
  };
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
  if (warnings.length > 0) conditions.push({ type: 'Warning', status: 'True', reason: 'ReadWithRemarks', message: listed(warnings) });
  return conditions.map((condition) => settle(condition, before, now));
}

function settle(condition: Condition, before: readonly Condition[], now: number): Condition {
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

import { isObject } from '@flotilla/kernel';

const ENDED = ['Failed', 'Error', 'Succeeded'];

/**
 * Whether an application's health and sync status are newer than the end of its operation: before that, `Succeeded` may stand
 * beside the health of what ran before. As in Argo CD.
 */
export function isSettled(document: Readonly<Record<string, unknown>>): boolean {
  const { status } = document;
  const operation = isObject(status) ? status.operationState : undefined;
  if (!isObject(status) || !isObject(operation) || !ENDED.includes(String(operation.phase))) return true;
  const finishedAt = timeOf(operation.finishedAt);
  if (finishedAt === undefined) return true;
  return Math.max(timeOf(status.observedAt) ?? 0, timeOf(status.reconciledAt) ?? 0) >= finishedAt;
}

function timeOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

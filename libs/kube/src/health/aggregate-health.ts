import type { HealthStatus } from './resource-health.js';

/** From best to worst (GE:health/health.go). */
const SEVERITY: readonly HealthStatus[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];

export function worseHealth(a: HealthStatus, b: HealthStatus): HealthStatus {
  return SEVERITY.indexOf(a) >= SEVERITY.indexOf(b) ? a : b;
}

/**
 * The health of an application from that of its objects (A:controller/health.go): the worst one; missing objects are left out
 * unless nothing at all is live; objects without a rule (undefined) are live and count for nothing.
 */
export function aggregateHealth(healths: readonly (HealthStatus | undefined)[]): HealthStatus {
  if (healths.length > 0 && healths.every((status) => status === 'Missing')) return 'Missing';
  return healths.filter((status): status is HealthStatus => status !== undefined && status !== 'Missing').reduce(worseHealth, 'Healthy');
}

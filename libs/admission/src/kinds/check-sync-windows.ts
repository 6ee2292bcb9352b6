import type { AppProjectSpec } from '@flotilla/contracts';
import { canonicalJson } from '@flotilla/kernel';
import type { Findings } from '../admission.js';
import { checkDuration } from './check-duration.js';
import { cronFault } from './cron-fault.js';

type SyncWindow = NonNullable<AppProjectSpec['syncWindows']>[number];

/** Windows are kept and checked, and people are told that they do not act yet. */
export function checkSyncWindows(windows: readonly SyncWindow[], findings: Findings): void {
  if (windows.length === 0) return;
  findings.warn('spec.syncWindows are stored and not yet in force: syncs are not blocked by them');
  const seen = new Map<string, number>();
  for (const [i, window] of windows.entries()) {
    checkWindow(window, `spec.syncWindows[${i}]`, findings);
    const identity = identityOf(window);
    const other = seen.get(identity);
    if (other !== undefined) findings.error(`spec.syncWindows[${i}]`, `is the same window as spec.syncWindows[${other}]`);
    else seen.set(identity, i);
  }
  warnOfShadowed(windows, findings);
}

function checkWindow(window: SyncWindow, field: string, findings: Findings): void {
  if (window.kind !== 'allow' && window.kind !== 'deny') findings.error(`${field}.kind`, 'must be "allow" or "deny"');
  if (!window.schedule) findings.error(`${field}.schedule`, 'is required');
  else {
    const fault = cronFault(window.schedule);
    if (fault) findings.error(`${field}.schedule`, `${JSON.stringify(window.schedule)} ${fault}`);
  }
  if (!window.duration) findings.error(`${field}.duration`, 'is required');
  else checkDuration(window.duration, `${field}.duration`, findings);
  const selectors = [window.applications, window.namespaces, window.clusters].flatMap((list) => list ?? []);
  if (selectors.length === 0) findings.error(field, 'needs at least one of applications, namespaces and clusters');
  if ((window.description ?? '').length > 255) findings.error(`${field}.description`, 'has more than 255 characters');
}

/** What makes two windows the same one in Argo CD. */
function identityOf({ kind, schedule, duration, applications, namespaces, clusters, timeZone, andOperator }: SyncWindow): string {
  return canonicalJson([kind, schedule, duration, applications, namespaces, clusters, timeZone, andOperator]);
}

/** Deny beats allow: an "anytime" window does not lift a deny window that matches the same applications. */
function warnOfShadowed(windows: readonly SyncWindow[], findings: Findings): void {
  const denies = windows.flatMap((window, i) =>
    window.kind === 'deny' && window.applications?.includes('*') && !window.manualSync ? [i] : [],
  );
  const allows = windows.flatMap((window, i) => (window.kind === 'allow' ? [i] : []));
  if (denies.length === 0 || allows.length === 0) return;
  const list = denies.map((i) => `spec.syncWindows[${i}]`).join(', ');
  findings.warn(
    `${list} ${denies.length === 1 ? 'denies' : 'deny'} every application: deny wins over allow, and without manualSync manual syncs are blocked too`,
  );
}

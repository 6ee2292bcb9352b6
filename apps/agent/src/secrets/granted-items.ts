import type { BundleItem, Grant, SecretReceipt } from '@flotilla/contracts';
import { objectKey } from '@flotilla/kube';
import type { AppRecord } from '../plan/app-record.js';

/** How a granted Secret stands at the spoke. */
export interface GrantState {
  id: string;
  policy: Grant['creationPolicy'];
  /** Some version of it is at hand. */
  isHeld: boolean;
  /** Why that is not the one the document names. */
  message?: string;
}

/** An object of an application: rendered, or a Secret that the hub's broker gives. */
export type PlanItem = BundleItem & { grant?: GrantState };

/** What is at hand of grants. */
export interface SecretsAtHand {
  versionOf(grant: Grant): string | undefined;
  reasonFor(id: string): string | undefined;
}

/** The Secrets of one application's grants as objects of its plan: the version at hand is their content, and the last good one stays. */
export function grantedItems(grants: readonly Grant[], at: SecretsAtHand): PlanItem[] {
  return grants.map((grant) => {
    const { id, target, wave, creationPolicy, version } = grant;
    const held = at.versionOf(grant);
    const message = held !== undefined && held === version ? undefined : messageFor(grant, held, at.reasonFor(id));
    const state: GrantState = { id, policy: creationPolicy, isHeld: held !== undefined, ...(message ? { message } : {}) };
    return { group: '', version: 'v1', kind: 'Secret', ...target, digest: held ?? '', sealed: true, wave, grant: state };
  });
}

function messageFor({ id, source, from, version }: Grant, held: string | undefined, reason: string | undefined): string {
  const cause =
    version === undefined ? `nobody has read a value of it yet; see SecretGrant ${source}` : (reason ?? 'the hub was not asked yet');
  const former = held === undefined ? '' : ', the former value stays';
  return `waits for grant ${id} of ${from.kind} ${from.namespace}/${from.name}${former}: ${cause}`;
}

/** Marks of a granted Secret in the inventory; those of `Orphan` and `Merge` are never deleted. */
export const grantMark = ({ grant }: PlanItem): { grant?: { id: string; keep: boolean } } =>
  grant ? { grant: { id: grant.id, keep: grant.policy !== 'Owner' } } : {};

/** What the hub is told of one application's grants. */
export function receiptsOf(
  grants: readonly Grant[],
  record: AppRecord,
  messageOf: (key: string) => string | undefined,
  observedAt: string,
): SecretReceipt[] {
  return grants.map(({ id, target, version }) => {
    const key = objectKey({ group: '', kind: 'Secret', ...target });
    const entry = record.objects.get(key);
    const applied = entry?.grant?.id === id && /^[0-9a-f]{64}$/.test(entry.applied) ? entry.applied : undefined;
    const done = applied !== undefined && applied === version;
    const message = done ? undefined : messageOf(key);
    return {
      grant: id,
      ...(applied ? { version: applied } : {}),
      done,
      ...(message ? { message: message.slice(0, 500) } : {}),
      observedAt,
    };
  });
}

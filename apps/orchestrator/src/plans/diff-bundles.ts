import { objectsOf } from '@flotilla/bundle';
import type { Bundle, BundleItem, RolloutPlan } from '@flotilla/contracts';
import { objectKey } from '@flotilla/kube';

export type ObjectChange = RolloutPlan['changes'][number]['objects'][number];

/** Which objects differ between two bundles, by digest; sorted by key. */
export function diffBundles(before: Bundle | undefined, after: Bundle): ObjectChange[] {
  const old = new Map((before ? objectsOf(before) : []).map((item) => [objectKey(item), item]));
  const changes: ObjectChange[] = [];
  for (const item of objectsOf(after)) {
    const key = objectKey(item);
    const known = old.get(key);
    if (!known) changes.push({ action: 'create', key });
    else if (!isSame(known, item)) changes.push({ action: 'change', key });
    old.delete(key);
  }
  for (const key of old.keys()) changes.push({ action: 'delete', key });
  return changes.sort((a, b) => (a.key < b.key ? -1 : 1));
}

const isSame = (a: BundleItem, b: BundleItem): boolean => a.digest === b.digest && a.version === b.version;

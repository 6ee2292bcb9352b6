import { CONTROL_NAMESPACE, type ConfigMap, GUARD_CONFIG_MAP, type ResourceDocument } from '@flotilla/contracts';
import type { ResourceKey } from '@flotilla/resources';
import { type GuardInput, type GuardSubject, guardOfSet } from '@flotilla/setplan';

export const GUARD_CONFIG_KEY = { kind: 'ConfigMap', namespace: CONTROL_NAMESPACE, name: GUARD_CONFIG_MAP };

/** What the guard is told about one set, as it is stored now. */
export async function readGuard(
  reader: { get(key: ResourceKey): Promise<ResourceDocument | undefined> },
  subject: Omit<GuardSubject, 'fleet'>,
): Promise<{ guard: GuardInput; warnings: string[] }> {
  const fleet = (await reader.get(GUARD_CONFIG_KEY)) as ConfigMap | undefined;
  return guardOfSet({ ...subject, fleet: fleet?.data });
}

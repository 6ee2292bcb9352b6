import type { Removal } from '@flotilla/contracts';
import { parseObjectKey } from '@flotilla/kube';
import type { AppRecord, RemovalRecord } from '../plan/app-record.js';
import { orphanObject, pruneObject } from './prune-object.js';
import type { SpokeContext } from './spoke-context.js';

export interface RemoveInput {
  context: SpokeContext;
  removal: Removal;
  record: AppRecord;
  isClaimedElsewhere: (key: string) => boolean;
  /** An application of the same namespace and name is assigned now. */
  isSucceeded: boolean;
}

/** While objects go away, the removal looks again this often; their watches usually tell sooner. */
export const REMOVAL_RETRY_MS = 1_000;

/**
 * Takes a removed application off the cluster, last wave first, the next wave only when the one before is gone. What may not be
 * deleted stays and is named; it loses our marks, so that nobody takes it for managed. Resolves with the receipt's facts.
 */
export async function removeApp(input: RemoveInput): Promise<RemovalRecord> {
  const { context, removal, record, isClaimedElsewhere } = input;
  const permission = {
    app: record,
    fleet: context.fleet,
    deletionApproved: removal.deletionApproved === true || record.deletionApproved,
    removal: true,
  };
  const kept: string[] = [];
  const problems: string[] = [];
  const letGo = async (key: string): Promise<void> => {
    await context.limit(() => orphanObject(context, record, key, permission));
    record.objects.delete(key);
  };
  for (const key of [...record.objects.keys()].filter(isClaimedElsewhere)) {
    // A successor of the same name has the same marks, and keeps them.
    if (input.isSucceeded) record.objects.delete(key);
    else await letGo(key);
  }
  while (record.objects.size > 0) {
    const wave = Math.max(...[...record.objects.values()].map((entry) => entry.wave));
    const keys = [...record.objects].filter(([, entry]) => entry.wave === wave).map(([key]) => key);
    let isGoing = false;
    await Promise.all(
      keys.map(async (key) => {
        if (removal.mode === 'orphan' || record.objects.get(key)?.grant?.keep) return letGo(key);
        const outcome = await context.limit(() => pruneObject(context, record, key, permission, []));
        if (outcome.kind === 'gone') record.objects.delete(key);
        else if (outcome.kind === 'kept') {
          kept.push(`${parseObjectKey(key)?.kind ?? ''} ${key}: ${outcome.reason}`);
          await letGo(key);
        } else {
          isGoing = true;
          if (outcome.kind !== 'going') problems.push(outcome.message);
        }
      }),
    );
    await context.saveRecord(record);
    if (isGoing)
      return { mode: removal.mode, done: false, message: messageOf(kept, problems), remaining: [...record.objects.keys()].slice(0, 100) };
  }
  return {
    mode: removal.mode,
    done: true,
    message: messageOf([...(record.removal?.message?.startsWith('kept') ? [record.removal.message.slice(6)] : []), ...kept], []),
    remaining: [],
  };
}

function messageOf(kept: readonly string[], problems: readonly string[]): string | undefined {
  if (problems.length > 0) return problems.slice(0, 3).join('; ');
  return kept.length > 0 ? `kept: ${kept.slice(0, 20).join('; ')}` : undefined;
}

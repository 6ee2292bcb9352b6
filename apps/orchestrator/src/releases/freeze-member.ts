import type { IgnoreDifference, SyncPolicy } from '@flotilla/contracts';
import { type Digest, digestJson } from '@flotilla/kernel';
import type { FleetApplication } from '../fleet/fleet.store.js';
import type { AskedSecret } from '../secrets/asked-secret.js';
import { type PinnedSecret, pinSecret } from '../secrets/secret-source.js';

/** Everything the agent acts on for one application, as a release pins it. */
export interface MemberContent {
  project: string;
  bundle: string;
  destinationNamespace: string;
  syncPolicy?: SyncPolicy;
  ignoreDifferences?: IgnoreDifference[];
  /** Commit of the first source when the content was made. */
  revision: string;
  /** The whole bundle, where some of its objects go to the hub's own store and `bundle` holds the others. */
  hubBundle?: string;
  /** Secrets the hub's broker gives this application; absent where there are none. Which value each has is not pinned. */
  secrets?: PinnedSecret[];
}

export interface Member {
  uid: string;
  cluster: string;
  content: MemberContent;
  digest: Digest;
}

export interface FreezeInput {
  application: FleetApplication;
  cluster: string;
  bundle: string;
  hubBundle?: string;
  revision: string;
  asked: readonly AskedSecret[];
  /** A RollingSync strategy is in force: its run alone makes the agent apply. */
  isRolling?: boolean;
}

/**
 * The digest leaves out what changes nothing on the spoke: the commit, and the project's name where no secret is given, since the
 * project decides which values an application may have.
 */
export function freezeMember({ application, cluster, bundle, hubBundle, revision, asked, isRolling }: FreezeInput): Member {
  const { spec } = application.document;
  const syncPolicy = isRolling ? withoutAutomation(spec.syncPolicy) : spec.syncPolicy;
  const acted = {
    bundle,
    destinationNamespace: spec.destination.namespace ?? '',
    ...(syncPolicy ? { syncPolicy } : {}),
    ...(spec.ignoreDifferences ? { ignoreDifferences: spec.ignoreDifferences } : {}),
    ...(hubBundle ? { hubBundle } : {}),
  };
  const secrets = asked.map((secret) => pinSecret(secret, spec.project, acted.destinationNamespace));
  const given = secrets.length > 0 ? { secrets } : {};
  return {
    uid: application.uid,
    cluster,
    content: { ...acted, ...given, project: spec.project, revision },
    digest: digestJson({ ...acted, cluster, ...(secrets.length > 0 ? { project: spec.project } : {}) }),
  };
}

/**
 * Automated sync is off under a RollingSync strategy (argo-cd applicationset/progressivesync): nothing heals what changed in the cluster.
 * Whether the run's own syncs prune is still `automated.prune`.
 */
function withoutAutomation(policy: SyncPolicy | undefined): SyncPolicy | undefined {
  if (!policy?.automated) return policy;
  const { enabled: _enabled, selfHeal: _selfHeal, ...automated } = policy.automated;
  return { ...policy, automated };
}

/** Equal keys are one release. */
export function releaseKey(members: readonly Member[]): Digest {
  return digestJson(Object.fromEntries(members.map(({ uid, digest }) => [uid, digest])));
}

/** `automated` without `enabled` means enabled, as in Argo CD. */
export function isAutomated(policy: SyncPolicy | undefined): boolean {
  return !!policy?.automated && policy.automated.enabled !== false;
}

import type { IgnoreDifference, SyncPolicy } from '@flotilla/contracts';
import { type Digest, digestJson } from '@flotilla/kernel';
import type { FleetApplication } from '../fleet/fleet.store.js';

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
}

/** The digest leaves out what changes nothing on the spoke: the commit and the project's name. */
export function freezeMember({ application, cluster, bundle, hubBundle, revision }: FreezeInput): Member {
  const { spec } = application.document;
  const acted = {
    bundle,
    destinationNamespace: spec.destination.namespace ?? '',
    ...(spec.syncPolicy ? { syncPolicy: spec.syncPolicy } : {}),
    ...(spec.ignoreDifferences ? { ignoreDifferences: spec.ignoreDifferences } : {}),
    ...(hubBundle ? { hubBundle } : {}),
  };
  return {
    uid: application.uid,
    cluster,
    content: { ...acted, project: spec.project, revision },
    digest: digestJson({ ...acted, cluster }),
  };
}

/** Equal keys are one release. */
export function releaseKey(members: readonly Member[]): Digest {
  return digestJson(Object.fromEntries(members.map(({ uid, digest }) => [uid, digest])));
}

/** `automated` without `enabled` means enabled, as in Argo CD. */
export function isAutomated(policy: SyncPolicy | undefined): boolean {
  return !!policy?.automated && policy.automated.enabled !== false;
}

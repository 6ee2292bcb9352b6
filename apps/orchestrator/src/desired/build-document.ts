import type { DesiredApp, DesiredBody, Removal } from '@flotilla/contracts';
import { canonicalJson, type Digest, digestBytes } from '@flotilla/kernel';
import type { MemberContent } from '../releases/freeze-member.js';

/** One application as it is assigned to a cluster. */
export interface Assignment {
  uid: string;
  namespace: string;
  name: string;
  label: string;
  content: MemberContent;
  apply: boolean;
  deletionApproved: boolean;
  operation?: DesiredApp['operation'];
  traceparent?: string;
}

export interface BuiltBody {
  text: string;
  digest: Digest;
}

/** Pure: the body of a cluster's desired document; equal assignments and removals give equal text. */
export function buildBody(assignments: readonly Assignment[], removals: readonly Removal[]): BuiltBody {
  const body: DesiredBody = {
    apps: [...assignments].sort(byUid).map(toApp),
    grants: [],
    removals: [...removals].sort(byUid),
  };
  const text = canonicalJson(body);
  return { text, digest: digestBytes(text) };
}

function toApp({ uid, namespace, name, label, content, apply, deletionApproved, operation, traceparent }: Assignment): DesiredApp {
  const { project, bundle, destinationNamespace, syncPolicy, ignoreDifferences, revision } = content;
  return {
    uid,
    namespace,
    name,
    project,
    release: label,
    revision,
    bundle,
    destinationNamespace,
    ...(syncPolicy ? { syncPolicy } : {}),
    ...(ignoreDifferences ? { ignoreDifferences } : {}),
    ...(deletionApproved ? { deletionApproved } : {}),
    apply,
    ...(operation ? { operation } : {}),
    ...(traceparent ? { traceparent } : {}),
  };
}

const byUid = (a: { uid: string }, b: { uid: string }): number => (a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0);

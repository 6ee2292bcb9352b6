import type { DesiredApp, DesiredBody, Grant, Removal } from '@flotilla/contracts';
import { canonicalJson, type Digest, digestBytes } from '@flotilla/kernel';
import type { MemberContent } from '../releases/freeze-member.js';
import { grantOf } from '../secrets/secret-source.js';

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

/** A grant as it is looked up: which application of which document has which source. */
export interface DocumentGrant extends Pick<Grant, 'id' | 'app' | 'source'> {
  namespace: string;
  /** Name of the application. */
  application: string;
}

export interface BuiltBody {
  text: string;
  grants: DocumentGrant[];
  digest: Digest;
}

/** Versions of secrets by `namespace/source`; one that nobody has read a value of is not in it. */
export type SecretVersions = ReadonlyMap<string, string>;

/** Pure: the body of a cluster's desired document; equal assignments, removals and versions give equal text. */
export function buildBody(assignments: readonly Assignment[], removals: readonly Removal[], versions: SecretVersions): BuiltBody {
  const grants = assignments.flatMap((assignment) => grantsOf(assignment, versions)).sort(byId);
  const body: DesiredBody = {
    apps: [...assignments].sort(byUid).map(toApp),
    grants,
    removals: [...removals].sort(byUid),
  };
  const text = canonicalJson(body);
  const owners = new Map(assignments.map((assignment) => [assignment.uid, assignment]));
  const named = grants.map(({ id, app, source }) => {
    const { namespace = '', name = '' } = owners.get(app) ?? {};
    return { id, app, source, namespace, application: name };
  });
  return { text, grants: named, digest: digestBytes(text) };
}

function grantsOf({ uid, namespace, content }: Assignment, versions: SecretVersions): Grant[] {
  return (content.secrets ?? []).map((secret) => grantOf(uid, secret, versions.get(`${namespace}/${secret.source}`)));
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

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const byUid = (a: { uid: string }, b: { uid: string }): number => (a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0);

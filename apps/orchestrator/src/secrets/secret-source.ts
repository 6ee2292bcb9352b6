import type { Grant, SecretGrant } from '@flotilla/contracts';
import { digestJson } from '@flotilla/kernel';
import { AGENT_FALLBACK } from '../candidates/judge-objects.js';
import type { AskedSecret } from './asked-secret.js';

/** Kubernetes names have at most 253 characters; a digest follows. */
const MAX_BASE = 200;
const SHORT = 10;
const GRANT_ID = 24;

/** A Secret as a release pins it for one application: which SecretGrant gives it, and what is written where. */
export interface PinnedSecret extends Pick<Grant, 'source' | 'target' | 'wave' | 'creationPolicy'> {
  from: AskedSecret['from'];
}

/** The same asking object, project and target are one SecretGrant, on however many clusters. */
export function pinSecret(
  { from, targetName, wave, creationPolicy }: AskedSecret,
  project: string,
  destinationNamespace: string,
): PinnedSecret {
  const namespace = from.namespace || destinationNamespace || AGENT_FALLBACK;
  const placed = { ...from, namespace };
  const target = { namespace, name: targetName };
  const source = `${from.name.slice(0, MAX_BASE).replace(/[^a-z0-9]+$/, '')}-${digestJson({ project, from: placed, target }).slice(0, SHORT)}`;
  return { source, from: placed, target, wave, creationPolicy };
}

export const specOf = (project: string, { from, target }: PinnedSecret): SecretGrant['spec'] => ({ project, from, target });

/** The id stays when the object changes, so that a spoke keeps what it has until the new value is there. */
export function grantOf(app: string, { source, from, target, wave, creationPolicy }: PinnedSecret, version: string | undefined): Grant {
  const { kind, namespace, name } = from;
  const id = digestJson({ app, kind, namespace, name }).slice(0, GRANT_ID);
  return { id, app, source, from: { kind, namespace, name }, target, wave, creationPolicy, ...(version ? { version } : {}) };
}

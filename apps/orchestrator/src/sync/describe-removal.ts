import { CONTROL_NAMESPACE, PROTECTED_LABEL, sourcesOf } from '@flotilla/contracts';
import type { FleetApplication } from '../fleet/fleet.store.js';
import { objectName } from './judge-removal.js';
import type { LocalObject } from './local.store.js';
import type { RemovalOutcome } from './remove-local.js';

/** Names one sentence lists. */
const LISTED = 20;

/** What keeps documents that an application no longer wants, with why and what releases them; undefined when nothing does. */
export function describeRemoval(application: FleetApplication, outcome: RemovalOutcome, why: string): string | undefined {
  const parts = [describeHeld(application, outcome, why), describeGoing(application, outcome)].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join('; ') : undefined;
}

/** Which deletions wait for the end of the restore window; undefined without any. */
export function describePending(application: FleetApplication, { pending }: RemovalOutcome): string | undefined {
  if (pending.length === 0) return undefined;
  const items = pending.map((object) => `${objectName(object, application.namespace)} after ${new Date(object.deleteAt).toISOString()}`);
  return `${count(pending.length)} will be deleted: ${listed(items)}; deleted now by: ${verbOf(application, pending)}`;
}

/** Where a document would have to stand to stay. */
export function describeAbsence({ document }: FleetApplication, revision: string): string {
  const sources = sourcesOf(document.spec);
  const [source] = sources;
  const more = sources.length > 1 ? ` and ${sources.length - 1} more` : '';
  return source
    ? `not in ${source.repoURL}${source.path ? ` path ${source.path}` : ''}${more} at ${revision} any more`
    : 'not in the source any more';
}

function describeHeld(application: FleetApplication, { held, rule, of }: RemovalOutcome, why: string): string | undefined {
  if (held.length === 0) return undefined;
  const names = held.map((object) => objectName(object, application.namespace));
  const verb = held.length === 1 ? 'would be deleted and is held' : 'would be deleted and are held';
  const by = rule === 'protected' ? `label ${PROTECTED_LABEL} on ${held.length === 1 ? 'it or its' : 'them or their'} cluster` : rule;
  return `${held.length} of ${count(of)} ${verb} (${by}): ${listed(names)}; why: ${why}; release with: ${verbOf(application, held)}`;
}

function describeGoing({ namespace }: FleetApplication, { going }: RemovalOutcome): string | undefined {
  const kept = going.filter(({ why }) => why !== undefined);
  return kept.length > 0 ? `waits for ${listed(kept.map(({ object, why }) => `${objectName(object, namespace)} (${why})`))}` : undefined;
}

function verbOf({ namespace, name }: FleetApplication, objects: readonly LocalObject[]): string {
  const place = namespace === CONTROL_NAMESPACE ? name : `${namespace}/${name}`;
  const names = objects.length <= LISTED ? objects.map((object) => objectName(object, namespace)).join(' ') : 'NAME...';
  return `flotilla app confirm-deletion ${place} ${names}`;
}

const count = (number: number): string => `${number} ${number === 1 ? 'document' : 'documents'}`;

function listed(items: readonly string[]): string {
  const more = items.length > LISTED ? ` and ${items.length - LISTED} more` : '';
  return `${items.slice(0, LISTED).join(', ')}${more}`;
}

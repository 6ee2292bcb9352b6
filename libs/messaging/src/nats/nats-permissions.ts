import {
  anySpokeSubject,
  type HubService,
  SPOKE_LISTENS,
  SPOKE_PUBLISHES,
  SPOKE_REQUESTS,
  SUBJECT_PREFIX,
  spokeInbox,
  spokePrefix,
  spokeSubject,
} from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import type { NatsPermissions } from '@flotilla/keyring';

/** A spoke speaks and hears below its own prefix only: no wildcard over spokes, no `$SYS`, no JetStream API, no shared inbox. */
export function spokePermissions(spoke: SpokeId): NatsPermissions {
  return {
    publish: [...[...SPOKE_REQUESTS, ...SPOKE_PUBLISHES].map((verb) => spokeSubject(spoke, verb)), `${spokePrefix(spoke)}.answer.>`],
    subscribe: [...SPOKE_LISTENS.map((verb) => spokeSubject(spoke, verb)), `${spokeInbox(spoke)}.>`],
  };
}

/** What a service may do in account HUB: verbs, events and inboxes of its kind. */
export function hubPermissions(service: HubService): NatsPermissions {
  return {
    publish: [`${SUBJECT_PREFIX}.hub.>`, `${SUBJECT_PREFIX}.event.>`, '_INBOX.>'],
    subscribe: [`${SUBJECT_PREFIX}.hub.${service}.>`, `${SUBJECT_PREFIX}.event.>`, `${serviceInbox(service)}.>`],
  };
}

export const serviceInbox = (service: HubService): string => `_INBOX.${service}`;

const REPLIES = `${SUBJECT_PREFIX}.spoke.*.inbox.>`;
const DOORBELLS = SPOKE_LISTENS.map(anySpokeSubject);

/** What a service may do in account SPOKES: what its part on the wire needs and nothing else; undefined: no connection at all. */
export function spokesPermissions(service: HubService): NatsPermissions | undefined {
  switch (service) {
    case 'registry':
      return { publish: [REPLIES, ...DOORBELLS], subscribe: ['hello', 'beat'].map((verb) => anySpokeSubject(verb as 'hello')) };
    case 'orchestrator':
      return {
        publish: [REPLIES, ...DOORBELLS],
        subscribe: [...(['beat', 'desired', 'blobs', 'status'] as const).map(anySpokeSubject), anySpokeSubject('answer.>')],
      };
    case 'broker':
      return { publish: [REPLIES], subscribe: [anySpokeSubject('secrets')] };
    case 'gateway':
      return { publish: [anySpokeSubject('ask')], subscribe: [anySpokeSubject('answer.>')] };
    default:
      return undefined;
  }
}

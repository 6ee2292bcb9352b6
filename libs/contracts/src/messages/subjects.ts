import type { SpokeId } from '@flotilla/kernel';

/** Every NATS subject of the product. Payloads of spoke subjects are in spoke.ts, of hub verbs in the owner's file. */
export const SUBJECT_PREFIX = 'flotilla.v1';

export const SPOKE_REQUESTS = ['hello', 'desired', 'blobs', 'status', 'secrets'] as const;
export const SPOKE_PUBLISHES = ['beat'] as const;
export const SPOKE_LISTENS = ['wake', 'ask'] as const;
export type SpokeRequest = (typeof SPOKE_REQUESTS)[number];
export type SpokeVerb = SpokeRequest | (typeof SPOKE_PUBLISHES)[number] | (typeof SPOKE_LISTENS)[number];

export const spokePrefix = (spoke: SpokeId): string => `${SUBJECT_PREFIX}.spoke.${spoke}`;
export const spokeSubject = (spoke: SpokeId, verb: SpokeVerb): string => `${spokePrefix(spoke)}.${verb}`;
/** The subject a service subscribes to, for one verb of every spoke. */
export const anySpokeSubject = (verb: SpokeVerb | 'answer.>'): string => `${SUBJECT_PREFIX}.spoke.*.${verb}`;
export const answerSubject = (spoke: SpokeId, token: string, n: number): string => `${spokePrefix(spoke)}.answer.${token}.${n}`;
/** Replies to a spoke's requests may only go below this prefix. */
export const spokeInbox = (spoke: SpokeId): string => `${spokePrefix(spoke)}.inbox`;

export const HUB_SERVICES = ['gateway', 'registry', 'expander', 'renderer', 'orchestrator', 'broker', 'notifier'] as const;
export type HubService = (typeof HUB_SERVICES)[number];
/** A verb inside the hub, answered by one copy of its owner: `flotilla.v1.hub.renderer.render`. */
export const hubSubject = (service: HubService, verb: string): string => `${SUBJECT_PREFIX}.hub.${service}.${verb}`;
/** A hint for whoever listens, a CloudEvent: `flotilla.v1.event.changes.moved`. */
export const eventSubject = (noun: string, fact: string): string => `${SUBJECT_PREFIX}.event.${noun}.${fact}`;

/** Said after a commit to the change log, so that tailers read before their next poll. */
export const CHANGES_MOVED = eventSubject('changes', 'moved');

/** How long a spoke waits for the hub's answer to one request. */
export const SPOKE_REQUEST_TIMEOUT_MS = 10_000;
/** One request or reply on a spoke subject never exceeds this many payload bytes. */
export const MAX_PART_BYTES = 512 * 1024;
export const MAX_STATUS_BYTES = 64 * 1024;
/** Header that carries a message's JSON metadata where the payload is raw bytes. */
export const META_HEADER = 'Flotilla-Meta';

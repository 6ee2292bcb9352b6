import {
  beatSchema,
  bindRequestSchema,
  clusterVerbReplySchema,
  clusterVerbRequestSchema,
  createTokenReplySchema,
  createTokenRequestSchema,
  ENROL_TIMEOUT_MS,
  enrolReplySchema,
  enrolRequestSchema,
  helloReplySchema,
  helloRequestSchema,
  listTokensReplySchema,
  listTokensRequestSchema,
  renewReplySchema,
  renewRequestSchema,
} from '@flotilla/contracts';
import type { Route } from '@flotilla/messaging';
import { z } from 'zod';
import { SPOKE_CONNECTED } from './sessions/say-hello.js';

export type RegistryUse =
  | 'enrol'
  | 'renew'
  | 'createToken'
  | 'listTokens'
  | 'accept'
  | 'revoke'
  | 'bind'
  | 'remove'
  | 'confirmDelete'
  | 'hello'
  | 'beat'
  | 'spokeConnected'
  | 'judge'
  | 'pushRevocations'
  | 'clusterSecret'
  | 'clusterChanged'
  | 'applicationMoved';
type Uses = Record<RegistryUse, unknown>;

const clusterVerb = (verb: 'accept' | 'revoke' | 'remove' | 'confirmDelete'): Route<Uses> => ({
  verb,
  request: clusterVerbRequestSchema,
  reply: clusterVerbReplySchema,
  use: verb,
});

/** How soon a revocation that no server took is pushed again; well within the five seconds promised. */
const PUSH_INTERVAL_MS = 2_000;
const RESYNC_MS = 10 * 60_000;
/** Those of one token take turns for its row, and each that waits for it holds a connection to the database. */
const ENROL_AT_ONCE = 8;
/** A fleet that comes up at once; a waiting request has a few kilobytes at most. */
const MAX_WAITING_ENROLMENTS = 2_000;

/** The whole inbound surface of the registry. `judgeIntervalMs`: how often liveness is decided. */
export const registryRoutes = (judgeIntervalMs: number): readonly Route<Uses>[] => [
  {
    verb: 'enrol',
    request: enrolRequestSchema,
    reply: enrolReplySchema,
    use: 'enrol',
    maxInFlight: ENROL_AT_ONCE,
    maxWaiting: MAX_WAITING_ENROLMENTS,
    maxWaitMs: ENROL_TIMEOUT_MS,
  },
  { verb: 'renew', request: renewRequestSchema, reply: renewReplySchema, use: 'renew' },
  { verb: 'createToken', request: createTokenRequestSchema, reply: createTokenReplySchema, use: 'createToken' },
  { verb: 'listTokens', request: listTokensRequestSchema, reply: listTokensReplySchema, use: 'listTokens' },
  clusterVerb('accept'),
  clusterVerb('revoke'),
  clusterVerb('remove'),
  clusterVerb('confirmDelete'),
  { verb: 'bind', request: bindRequestSchema, reply: clusterVerbReplySchema, use: 'bind' },
  { spoke: 'hello', request: helloRequestSchema, reply: helloReplySchema, use: 'hello', maxInFlight: 32 },
  { spoke: 'beat', request: beatSchema, use: 'beat', everyCopy: true, maxInFlight: 1_000 },
  { event: SPOKE_CONNECTED, content: z.object({ spoke: z.string(), session: z.number().int() }), use: 'spokeConnected', everyCopy: true },
  { every: judgeIntervalMs, use: 'judge', singleton: 'registry-liveness' },
  { every: PUSH_INTERVAL_MS, use: 'pushRevocations' },
  { kinds: ['Secret', 'Cluster'], use: 'clusterSecret', concurrency: 2, resyncMs: RESYNC_MS },
  { kinds: ['Cluster'], use: 'clusterChanged', concurrency: 2, resyncMs: RESYNC_MS },
  { kinds: ['Application'], use: 'applicationMoved', concurrency: 2, ignoreStatus: true, changesOnly: true },
];

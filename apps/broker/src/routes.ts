import {
  rotateSealedReplySchema,
  SEALING_TIMEOUT_MS,
  sealedVerbSchema,
  sealingCertReplySchema,
  secretsReplySchema,
  secretsRequestSchema,
  verifySealedReplySchema,
} from '@flotilla/contracts';
import type { Route } from '@flotilla/messaging';
import { z } from 'zod';
import type { BrokerUses } from './create-broker.js';

/** Every grant is looked at again so often, whatever was missed. */
const RESYNC_MS = 10 * 60_000;
/** Whether a key is 30 days old is asked this often. */
const RENEW_EVERY_MS = 60 * 60_000;
const SWEEP_MS = 5_000;
/** A rotation wakes a whole fleet; a waiting request is a few hundred bytes. */
const MAX_WAITING_SPOKES = 20_000;

/** Everything that reaches the broker. */
export const brokerRoutes: readonly Route<BrokerUses>[] = [
  { kinds: ['SecretGrant'], use: 'grant', resyncMs: RESYNC_MS, ignoreStatus: true },
  { kinds: ['SecretStore', 'ClusterSecretStore'], use: 'store', resyncMs: RESYNC_MS, ignoreStatus: true },
  { kinds: ['Secret', 'ConfigMap'], use: 'credential' },
  {
    spoke: 'secrets',
    request: secretsRequestSchema,
    reply: secretsReplySchema,
    use: 'secrets',
    // Those who ask at once are looked up in one go; sealing has a smaller bound of its own.
    maxInFlight: 512,
    maxWaiting: MAX_WAITING_SPOKES,
  },
  { every: RENEW_EVERY_MS, use: 'renewKeys', singleton: 'broker-sealing-keys' },
  { every: SWEEP_MS, use: 'sweep' },
  { verb: 'sealing-cert', request: z.looseObject({}), reply: sealingCertReplySchema, use: 'sealingCert', timeoutMs: SEALING_TIMEOUT_MS },
  {
    verb: 'verify-sealed',
    request: sealedVerbSchema,
    reply: verifySealedReplySchema,
    use: 'verifySealed',
    maxInFlight: 8,
    timeoutMs: SEALING_TIMEOUT_MS,
  },
  {
    verb: 'rotate-sealed',
    request: sealedVerbSchema,
    reply: rotateSealedReplySchema,
    use: 'rotateSealed',
    maxInFlight: 8,
    timeoutMs: SEALING_TIMEOUT_MS,
  },
];

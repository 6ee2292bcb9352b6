import type { BlobStore } from '@flotilla/blobs';
import type { SecretsReply, SecretsRequest } from '@flotilla/contracts';
import { AddressPolicy } from '@flotilla/http';
import { type Clock, codeOf, limiter, newUid } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { MessageBus, MessageContext, SpokeMessage } from '@flotilla/messaging';
import type { Database } from '@flotilla/persistence';
import { done, KeyedQueue, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import type { BrokerConfig } from './broker.config.js';
import { GrantIndex, placeOf } from './grants/grant-index.js';
import { dependencyOn, SEALING_KEYS } from './grants/plan-read.js';
import { ReconcileGrant } from './grants/reconcile-grant.js';
import { PgValueStore } from './grants/value.store.pg.js';
import { AnswerKubeseal } from './sealed/answer-kubeseal.js';
import { SealingKeys } from './sealed/sealing-keys.js';
import { AskGrants } from './serving/ask-grants.js';
import { ServeSecrets } from './serving/serve-secrets.js';
import { ValueCache } from './serving/value-cache.js';
import { KeyReads } from './stores/key-reads.js';
import { OpenStores } from './stores/open-stores.js';
import { ReconcileStore } from './stores/reconcile-store.js';

/** Replies sealed at once: enough to keep every core busy, few enough that the values opened for them stay few. */
const SEALING = 32;

/** The use cases behind the routes. */
export interface BrokerUses extends Record<string, unknown> {
  grant(key: ResourceKey): Promise<Outcome>;
  store(key: ResourceKey, context: MessageContext): Promise<Outcome>;
  credential(key: ResourceKey, context: MessageContext): Promise<Outcome>;
  secrets(message: SpokeMessage<SecretsRequest>): Promise<SecretsReply>;
  renewKeys(): Promise<void>;
  sweep(): void;
  sealingCert(): Promise<{ certificate: string }>;
  verifySealed(request: { text: string }): Promise<{ valid: boolean; message?: string }>;
  rotateSealed(request: { text: string }): Promise<{ text: string }>;
}

/** The adapters the composition root chose. */
export interface BrokerPorts {
  database: Database;
  store: ResourceStore;
  blobs: BlobStore;
  keyring: Keyring;
  bus: MessageBus;
  clock: Clock;
  logger: Logger;
  /** In [0, 1). */
  random?: () => number;
  /** For tests, which have no time for long keys and claims. */
  sealingKeyBits?: number;
  claimMs?: number;
}

export interface Broker {
  uses: BrokerUses;
  /** Until no grant waits or is in work; those that wait for a time do not count. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** All triggers feed one queue, so that a grant is in work once, whatever woke it. */
export function createBroker(config: BrokerConfig, ports: BrokerPorts): Broker {
  const { database, store, blobs, keyring, bus, clock, logger, random = Math.random, sealingKeyBits, claimMs } = ports;
  const values = new PgValueStore(database);
  const keys = new SealingKeys(database, keyring, clock, sealingKeyBits);
  const addresses = new AddressPolicy({ allow: config.allowAddresses });
  const stores = new OpenStores({ store, keyring, clock, addresses, directory: config.secretsDir });
  const reads = new KeyReads(clock);
  const index = new GrantIndex();
  const cache = new ValueCache(keyring, () => clock.now());
  const common = { store, values, blobs, keyring, clock, index, logger, holder: newUid(), random };
  const reconcile = new ReconcileGrant({ ...common, stores, reads, keys, ...(claimMs === undefined ? {} : { claimMs }) });
  const queue = new KeyedQueue({
    concurrency: config.concurrency,
    clock,
    random,
    reconcile: (key, signal) => reconcile.run(placeOf(key), signal),
    // Not the error itself: nobody vouches for the text of one that was not expected.
    onFailure: (key, error) => logger.warn('a secret grant could not be reconciled', { kind: 'SecretGrant', key, code: codeOf(error) }),
  });
  const wake = (dependency: string): void => {
    for (const key of index.dependents(dependency)) queue.add(key);
  };
  const storeStatus = new ReconcileStore(store, stores, clock);
  const secrets = new ServeSecrets({ values, cache, keyring, grants: new AskGrants(bus), sealing: limiter(SEALING) });
  const kubeseal = new AnswerKubeseal(keys);
  return {
    uses: {
      grant: async ({ namespace, name }) => {
        queue.add(`${namespace}/${name}`);
        return done;
      },
      store: async (key, { signal }) => {
        wake(dependencyOn(key.kind, key.namespace, key.name));
        return storeStatus.run(key, signal);
      },
      credential: async (key, { signal }) => {
        wake(dependencyOn(key.kind, key.namespace, key.name));
        await storeStatus.credential(key, signal);
        return done;
      },
      secrets: (message) => secrets.serve(message),
      renewKeys: async () => {
        if (await keys.renew()) wake(SEALING_KEYS);
      },
      sweep: () => {
        reads.sweep();
        cache.sweep();
      },
      sealingCert: () => kubeseal.certificate(),
      verifySealed: (request) => kubeseal.verify(request),
      rotateSealed: (request) => kubeseal.rotate(request),
    },
    settle: () => queue.drain(),
    stop: () => queue.stop(),
  };
}

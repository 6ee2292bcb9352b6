import type { NotificationFinding } from '@flotilla/admission';
import type { NotifierReply, NotifierRequest } from '@flotilla/contracts';
import { AddressPolicy, HttpClient } from '@flotilla/http';
import type { Clock } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { Database } from '@flotilla/persistence';
import type { ResourceStore } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import type { Channel } from './channels/channel.js';
import { DeliverIntent } from './deliveries/deliver-intent.js';
import { PgIntents } from './deliveries/intents.store.pg.js';
import { listReceipts, pruneMessages, replayDeadLetter } from './deliveries/receipts.pg.js';
import { RunDeliveries } from './deliveries/run-deliveries.js';
import { WriteOutcomes } from './deliveries/write-outcomes.js';
import { FeedChanges } from './feed/feed-changes.js';
import { RunFeed } from './feed/run-feed.js';
import type { NotifierConfig } from './notifier.config.js';
import { LiveSettings } from './settings/live-settings.js';
import { findServiceFaults } from './settings/resolve-service.js';
import { findLostSubscriptions } from './subscriptions/find-lost-subscriptions.js';
import { previewMessage } from './verbs/preview-message.js';
import { orRefused } from './verbs/refuse.js';
import { sendTest } from './verbs/send-test.js';

/** The use cases behind the routes. */
export interface NotifierUses extends Record<string, unknown> {
  /** Something was committed: reads the log now. */
  moved(): void;
  poll(): Promise<void>;
  sweep(): Promise<void>;
  prune(): Promise<void>;
  receipts(request: NotifierRequest<'receipts'>): Promise<NotifierReply<'receipts'>>;
  test(request: NotifierRequest<'test'>): Promise<NotifierReply<'test'>>;
  preview(request: NotifierRequest<'preview'>): Promise<NotifierReply<'preview'>>;
  replay(request: NotifierRequest<'replay'>): Promise<NotifierReply<'replay'>>;
  check(): Promise<NotifierReply<'check'>>;
}

/** The adapters the composition root chose. */
export interface NotifierPorts {
  database: Database;
  store: ResourceStore;
  keyring: Keyring;
  channels: readonly Channel[];
  clock: Clock;
  random: () => number;
  logger: Logger;
}

export interface Notifier {
  uses: NotifierUses;
  /** Resolves when everything committed so far is read and nothing is due. */
  idle(): Promise<void>;
  /** Lets messages in work end for as long as `graceMs` (default 5,000). */
  stop(graceMs?: number): Promise<void>;
}

export function createNotifier(
  config: NotifierConfig,
  { database, store, keyring, channels, clock, random, logger }: NotifierPorts,
): Notifier {
  const now = (): number => clock.now();
  const addresses = new AddressPolicy({ allow: config.allowAddresses });
  const http = new HttpClient({ addresses, userAgent: 'flotilla-notifier', maxKeptConnections: config.concurrency });
  const settings = new LiveSettings({
    store,
    keyring,
    types: channels.map(({ type }) => type),
    onFindings: ({ config: { findings } }) => sayFindings(findings, logger),
  });
  const intents = new PgIntents(database);
  const outcomes = new WriteOutcomes((group) => intents.settle(group));
  const deliver = new DeliverIntent({ database, intents, outcomes, settings, channels, http, addresses, clock, random, logger });
  const deliveries = new RunDeliveries({ intents, deliver, settings, channels, clock, logger, concurrency: config.concurrency });
  const feed = new FeedChanges({ database, store, settings, clock, logger, limits: config, onIntents: () => void deliveries.wake() });
  const feeding = new RunFeed(feed, logger);
  const stopping = new AbortController();
  return {
    uses: {
      moved: () => void feeding.wake(),
      poll: async () => {
        await feeding.wake();
        await deliveries.wake();
      },
      sweep: () => feeding.sweep(),
      prune: () => pruneMessages(database, new Date(now())),
      receipts: async (request) => ({ items: await listReceipts(database, request) }),
      test: (request) => orRefused(() => sendTest({ database, intents, deliver, now, signal: stopping.signal }, request)),
      preview: (request) => orRefused(() => previewMessage({ store, settings, channels, now }, request)),
      replay: (request) =>
        orRefused(async () => {
          const { service, recipient, id } = await replayDeadLetter(database, request.id, new Date(now()));
          logger.info('a dead letter is replayed', { key: id, name: service, actor: request.actor });
          void deliveries.wake();
          return { message: `message ${id.slice(0, 12)} is sent again through ${service}${recipient ? ` to ${recipient}` : ''}` };
        }),
      check: async () => {
        const loaded = await settings.load();
        const lost = await findLostSubscriptions(store, loaded.config);
        return { findings: [...loaded.config.findings, ...findServiceFaults(loaded, channels), ...lost] };
      },
    },
    idle: async () => {
      await feeding.wake();
      await deliveries.idle();
    },
    stop: async (graceMs = 5_000) => {
      await feeding.stop();
      await deliveries.stop(graceMs);
      stopping.abort();
    },
  };
}

/** Findings that one version of the configuration may write to the log. */
const MAX_SAID = 50;

function sayFindings(findings: readonly NotificationFinding[], logger: Logger): void {
  for (const { severity, key, line, message } of findings.slice(0, MAX_SAID)) {
    const place = line === undefined ? key : `${key}:${line}`;
    logger.warn('a key of argocd-notifications-cm is not as it should be', { key: place, status: severity, reason: message });
  }
}

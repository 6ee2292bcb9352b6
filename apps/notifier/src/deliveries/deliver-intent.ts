import type { AddressPolicy, HttpClient } from '@flotilla/http';
import { type Clock, InvalidInputError } from '@flotilla/kernel';
import type { Database } from '@flotilla/persistence';
import { backoffMs } from '@flotilla/reconcile';
import type { Logger } from '@flotilla/telemetry';
import { ChannelError } from '../channels/channel.errors.js';
import type { Channel, Message, Sent } from '../channels/channel.js';
import { CompiledTemplates } from '../messages/compiled-templates.js';
import { maskSecrets } from '../messages/mask-secrets.js';
import { renderMessage } from '../messages/render-message.js';
import type { Settings, SettingsSource } from '../settings/live-settings.js';
import { ResolvedServices } from '../settings/resolved-services.js';
import { BREAKER_FAILURES } from './claim-intents.pg.js';
import type { ClaimedIntent } from './claimed-intent.js';
import { decideRetry } from './decide-retry.js';
import type { PgIntents } from './intents.store.pg.js';
import { collapsedMessage, testMessage } from './other-messages.js';
import type { WriteOutcomes } from './write-outcomes.js';

/** Of one attempt. */
export const ATTEMPT_MS = 30_000;
/** How long a service that is away is left alone, from the failure that opens its breaker on. */
const BREAKER_BACKOFF = { firstMs: 5_000, maxMs: 300_000 };

export interface DeliverOptions {
  database: Database;
  intents: PgIntents;
  outcomes: WriteOutcomes;
  settings: SettingsSource;
  channels: readonly Channel[];
  http: HttpClient;
  addresses: AddressPolicy;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

export type DeliveryResult = { sent: Sent } | { code: string; message: string; isDead: boolean };

/** Renders a claimed message from its event and the settings of now, sends it, and writes what came of it. */
export class DeliverIntent {
  readonly #options: DeliverOptions;
  readonly #compiled: CompiledTemplates;
  readonly #services: ResolvedServices;

  constructor(options: DeliverOptions) {
    this.#options = options;
    this.#compiled = new CompiledTemplates(() => options.clock.now());
    this.#services = new ResolvedServices(options.channels);
  }

  /**
   * @param options.isLast a failure makes it a dead letter
   * @param options.loaded the settings it is claimed with; by default those of now
   * @throws what the signal aborted with, or what kept the receipt from being written: the attempt stays open and is taken up again as
   * a possible duplicate
   */
  async run(intent: ClaimedIntent, signal: AbortSignal, options: { isLast?: boolean; loaded?: Settings } = {}): Promise<DeliveryResult> {
    const { settings, outcomes, clock } = this.#options;
    const { isLast = false, loaded = await settings.load() } = options;
    let done: { message: Message; sent: Sent };
    try {
      done = await this.#send(intent, loaded, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return this.#fail(intent, error, loaded, isLast);
    }
    const { message, sent } = done;
    await outcomes.write({ intent, at: new Date(clock.now()), sent: maskedSent(sent, loaded), keys: message });
    return { sent };
  }

  async #send(intent: ClaimedIntent, settings: Settings, signal: AbortSignal): Promise<{ message: Message; sent: Sent }> {
    const { http, addresses, clock, intents } = this.#options;
    const { service, channel, settings: config } = this.#services.resolve(intent.service, settings);
    const wrong = channel.checkRecipient?.(intent.recipient);
    if (wrong) throw new InvalidInputError(`${service.key}: recipient ${JSON.stringify(intent.recipient)} ${wrong}`);
    const message = await this.#message(intent, settings, channel);
    const previous = await intents.previous(intent, message.groupKey, message.updateKey);
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]);
    const sending = channel.send(config, message, {
      service,
      idempotencyKey: intent.id,
      attempt: intent.attempt,
      isPossibleDuplicate: intent.isPossibleDuplicate,
      ...previous,
      http,
      addresses,
      now: new Date(clock.now()),
      signal: deadline,
    });
    return { message, sent: await orAborted(sending, deadline) };
  }

  async #message(intent: ClaimedIntent, { config, secrets }: Settings, channel: Channel): Promise<Message> {
    const { database, clock } = this.#options;
    if (intent.type === 'collapsed') return collapsedMessage(database, intent);
    if (intent.type === 'test') return testMessage(intent);
    const template = config.templates.get(intent.template);
    if (!template)
      throw new InvalidInputError(`template ${intent.template} of trigger ${intent.trigger} does not exist; add it or replay later`);
    const service = config.services.get(intent.service)!;
    const { about } = intent;
    if (!about) throw new InvalidInputError('the event this message is about is no longer kept');
    return renderMessage({
      template,
      channel,
      service,
      variables: about.variables,
      context: config.context,
      secrets,
      serviceType: service.type,
      recipient: intent.recipient,
      now: () => clock.now(),
      compiled: this.#compiled,
      fallbackTitle: `${intent.trigger}: ${about.name}`,
      ...(intent.groupKey === undefined ? {} : { groupKey: intent.groupKey }),
      ...(intent.updateKey === undefined ? {} : { updateKey: intent.updateKey }),
    });
  }

  async #fail(intent: ClaimedIntent, error: unknown, { secrets }: Settings, isLast: boolean): Promise<DeliveryResult> {
    const { clock, intents, outcomes, random, logger } = this.#options;
    const now = clock.now();
    const attempt = { failures: intent.failures, attempt: intent.attempt, ageMs: now - intent.createdAt.getTime() };
    const decision = decideRetry(error, attempt, random());
    const message = maskSecrets(decision.message, secrets);
    const retryAt = decision.retryInMs === undefined || isLast ? undefined : new Date(now + decision.retryInMs);
    const { code, counts, mayHaveArrived } = decision;
    const isAnswered = error instanceof ChannelError && !decision.isProviderDown;
    await outcomes.write({ intent, at: new Date(now), failed: { code, message, retryAt, counts, mayHaveArrived, isAnswered } });
    if (decision.isProviderDown) {
      await intents.countFailure(intent.service, (failures) => {
        return new Date(now + backoffMs(BREAKER_BACKOFF, failures - BREAKER_FAILURES + 1, random()));
      });
    }
    const fields = { name: intent.service, key: intent.id, attempt: intent.attempt, code: decision.code, reason: message };
    if (retryAt) logger.info('a notification was not sent and is tried again', fields);
    else logger.warn('a notification is a dead letter', fields);
    return { code: decision.code, message, isDead: retryAt === undefined };
  }
}

/** A channel that does not heed its signal is given up all the same. */
function orAborted<T>(sending: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void =>
      reject(new ChannelError('the service did not answer in time', { code: 'no-answer', retry: 'later', mayHaveArrived: true }));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    sending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A provider may repeat what it was sent. */
function maskedSent({ providerId, threadId, detail }: Sent, { secrets }: Settings): Sent {
  return {
    ...(providerId === undefined ? {} : { providerId }),
    ...(threadId === undefined ? {} : { threadId }),
    ...(detail === undefined ? {} : { detail: maskSecrets(detail, secrets) }),
  };
}

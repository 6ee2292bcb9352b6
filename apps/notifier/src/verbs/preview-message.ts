import type { NotificationTemplate } from '@flotilla/admission';
import type { NotifierRequest, NotifyPreview, ResourceDocument } from '@flotilla/contracts';
import { FlotillaError, messageOf, NotFoundError } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import type { Channel } from '../channels/channel.js';
import { findChannel } from '../channels/registry.js';
import { maskedSecrets } from '../messages/mask-secrets.js';
import { renderMessage } from '../messages/render-message.js';
import type { Settings, SettingsSource } from '../settings/live-settings.js';
import { findDestinations } from '../subscriptions/find-destinations.js';
import { SubjectLoader } from '../triggers/load-subject.js';
import { conditionVariables, dataOf, labelsOf, phaseOf, subscriptionsOf } from '../triggers/subject.js';

export interface PreviewParts {
  store: ResourceStore;
  settings: SettingsSource;
  channels: readonly Channel[];
  now: () => number;
}

/** What a trigger or a template gives for a document as it is now, for every service or one. Secrets are masked. */
export async function previewMessage(
  { store, settings, channels, now }: PreviewParts,
  request: NotifierRequest<'preview'>,
): Promise<NotifyPreview> {
  const loaded = await settings.load();
  const namespace = request.kind === 'Cluster' ? '' : request.namespace;
  const document = await store.get({ kind: request.kind, namespace, name: request.name });
  if (!document) throw new NotFoundError(`${request.kind} ${namespace ? `${namespace}/` : ''}${request.name} does not exist`);
  const variables = await variablesOf(store, request.kind, document);
  const data = variables.data;
  const { context, triggers, templates } = loaded.config;
  const names = request.trigger === undefined ? [] : [request.trigger];
  for (const name of names) if (!triggers.has(name)) throw new NotFoundError(`trigger ${name} does not exist`);
  const conditions = names.flatMap((trigger) =>
    triggers.get(trigger)!.conditions.map(({ when, oncePer }) => {
      const decide = () => when.test(conditionVariables(data, context, now), { now });
      const once = () => String(oncePer!.run(conditionVariables(data, context, now), { now }));
      const verdict = attempt(decide);
      const said = oncePer ? attempt(once) : undefined;
      return {
        trigger,
        when: when.source,
        holds: verdict.value ?? false,
        ...(verdict.problem === undefined ? {} : { problem: verdict.problem }),
        ...(said?.value === undefined ? {} : { oncePer: said.value }),
      };
    }),
  );
  const sent = names.flatMap((trigger) => triggers.get(trigger)!.conditions.flatMap(({ send }) => send));
  const wanted = [...new Set([...(request.template === undefined ? [] : [request.template]), ...sent])];
  const found = wanted.map((name) => {
    const template = templates.get(name);
    if (!template) throw new NotFoundError(`template ${name} does not exist`);
    return template;
  });
  return {
    conditions,
    messages: found.flatMap((template) => renderFor(template, data, loaded, request, channels, now)),
    destinations: [...findDestinations(loaded.config, variables.subscriptions, variables.labels)].flatMap(([trigger, to]) =>
      to.map((destination) => ({ trigger, ...destination })),
    ),
  };
}

async function variablesOf(store: ResourceStore, kind: NotifierRequest<'preview'>['kind'], document: ResourceDocument) {
  const subject = await new SubjectLoader(store).load(kind, document, {
    resourceVersion: document.metadata.resourceVersion ?? '',
    isDeleted: false,
  });
  return { data: dataOf(subject, phaseOf(subject)), subscriptions: subscriptionsOf(subject), labels: labelsOf(subject) };
}

function renderFor(
  template: NotificationTemplate,
  variables: Record<string, unknown>,
  { config, secrets }: Settings,
  request: NotifierRequest<'preview'>,
  channels: readonly Channel[],
  now: () => number,
): NotifyPreview['messages'] {
  const services = [...config.services.values()].filter(({ name }) => request.service === undefined || name === request.service);
  if (request.service !== undefined && services.length === 0) throw new NotFoundError(`service ${request.service} is not configured`);
  return services.flatMap((service): NotifyPreview['messages'] => {
    const channel = findChannel(service.type, channels);
    if (!channel) return [];
    const base = { template: template.name, service: service.name };
    const rendered = attempt(() =>
      renderMessage({
        template,
        channel,
        service,
        variables,
        context: config.context,
        secrets: maskedSecrets(secrets),
        serviceType: service.type,
        recipient: request.recipient ?? '',
        now,
        fallbackTitle: template.name,
      }),
    );
    if (rendered.value === undefined) return [{ ...base, title: '', body: '', error: rendered.problem ?? '' }];
    const { title, body, parts } = rendered.value;
    return [{ ...base, title, body, ...(parts === undefined ? {} : { parts }) }];
  });
}

function attempt<T>(read: () => T): { value?: T; problem?: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof FlotillaError) return { problem: messageOf(error) };
    throw error;
  }
}

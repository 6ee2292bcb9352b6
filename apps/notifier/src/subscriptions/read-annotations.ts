import { type Destination, readRecipient } from '@flotilla/admission';
import { InvalidInputError, isObject } from '@flotilla/kernel';
import { parseYamlDocument } from '@flotilla/yaml';

export const SUBSCRIPTION_PREFIX = 'notifications.argoproj.io/';
const SUBSCRIBE = `${SUBSCRIPTION_PREFIX}subscribe.`;
const SUBSCRIPTIONS = `${SUBSCRIPTION_PREFIX}subscriptions`;
const LEGACY = 'recipients.argocd-notifications.argoproj.io';
/** Destinations that one document may name. */
const MAX_DESTINATIONS = 200;

/** A trigger, `''` for the default ones, and who is told. */
export interface Subscription {
  trigger: string;
  destination: Destination;
}

/**
 * What a document's annotations subscribe to. A part that cannot be read subscribes to nothing.
 * @param isProject the legacy `recipients` annotations count on projects only, as in Argo CD
 */
export function readAnnotations(annotations: Readonly<Record<string, string>> = {}, isProject = false): Subscription[] {
  const found = Object.entries(annotations).flatMap(([key, value]) => {
    if (key.startsWith(SUBSCRIBE)) return readSubscribe(key.slice(SUBSCRIBE.length), value);
    if (key === SUBSCRIPTIONS) return readSubscriptionsYaml(value);
    if (isProject && (key === LEGACY || key.endsWith(`.${LEGACY}`))) return readLegacy(key.slice(0, -LEGACY.length - 1), value);
    return [];
  });
  return found.slice(0, MAX_DESTINATIONS);
}

/** `subscribe.<trigger>.<service>`, or `subscribe.<service>` for the default triggers. */
function readSubscribe(place: string, value: string): Subscription[] {
  const parts = place.split('.');
  const [trigger, service] = parts.length === 1 ? ['', parts[0]!] : [parts[0]!, parts.slice(1).join('.')];
  return split(value, ';').map((recipient) => ({ trigger, destination: { service, recipient } }));
}

function readLegacy(trigger: string, value: string): Subscription[] {
  return split(value, ',').map((text) => ({ trigger, destination: readRecipient(text) }));
}

/** `- trigger: [a]\n  destinations: [{service: slack, recipients: [x]}]`; a missing trigger means the default ones. */
function readSubscriptionsYaml(text: string): Subscription[] {
  let value: unknown;
  try {
    value = parseYamlDocument(text, { maxLength: 64 * 1024, maxDepth: 10, maxNodes: 5_000 });
  } catch (error) {
    if (error instanceof InvalidInputError) return [];
    throw error;
  }
  return (Array.isArray(value) ? value : []).filter(isObject).flatMap((item) => {
    const triggers = textsOf(item.trigger ?? item.triggers);
    const destinations = (Array.isArray(item.destinations) ? item.destinations : []).filter(isObject).flatMap(({ service, recipients }) => {
      const to = textsOf(recipients);
      return typeof service === 'string' ? (to.length > 0 ? to : ['']).map((recipient) => ({ service, recipient })) : [];
    });
    return (triggers.length > 0 ? triggers : ['']).flatMap((trigger) => destinations.map((destination) => ({ trigger, destination })));
  });
}

function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string' && item !== '');
}

/** An empty value names no recipient, which is one for services that need none. */
function split(value: string, separator: string): string[] {
  const parts = value
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length > 0 ? parts : [''];
}

import type { Destination, NotificationConfig } from '@flotilla/admission';
import { matchesSelector } from '@flotilla/selector';
import type { Subscription } from './read-annotations.js';

/**
 * Who is told by which trigger: the documents' own subscriptions and the global ones whose selector fits, each destination once.
 * Default triggers are those of the service where it has some; for global subscriptions the general ones, as in Argo CD.
 */
export function findDestinations(
  config: Pick<NotificationConfig, 'defaultTriggers' | 'defaultTriggersByService' | 'subscriptions'>,
  own: readonly Subscription[],
  labels: Readonly<Record<string, string>> | undefined,
): Map<string, Destination[]> {
  const found = new Map<string, Map<string, Destination>>();
  const add = (trigger: string, destination: Destination): void => {
    const destinations = found.get(trigger) ?? new Map<string, Destination>();
    destinations.set(`${destination.service}:${destination.recipient}`, destination);
    found.set(trigger, destinations);
  };
  for (const { trigger, destination } of own) {
    const defaults = config.defaultTriggersByService.get(destination.service) ?? config.defaultTriggers;
    for (const name of trigger === '' ? defaults : [trigger]) add(name, destination);
  }
  for (const { triggers, destinations, selector } of config.subscriptions) {
    if (!matchesSelector(selector, labels)) continue;
    for (const name of triggers.length > 0 ? triggers : config.defaultTriggers) for (const to of destinations) add(name, to);
  }
  return new Map([...found].map(([trigger, destinations]) => [trigger, [...destinations.values()]]));
}

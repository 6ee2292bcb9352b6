import { closestWord } from '@flotilla/kernel';
import type { NotificationConfig, NotificationFinding } from './notification-config.js';

type Checked = Omit<NotificationConfig, 'findings'> & { findings: NotificationFinding[] };

/** Names that lead nowhere: templates of triggers, triggers and services of subscriptions and defaults. */
export function checkReferences(config: Checked): void {
  const { templates, triggers, services, findings } = config;
  const say = (key: string, what: string, name: string, known: Iterable<string>): void => {
    const meant = closestWord(name, [...known]);
    findings.push({ severity: 'error', key, message: `${what} ${name} does not exist${meant ? `; did you mean ${meant}` : ''}` });
  };
  for (const trigger of triggers.values()) {
    for (const name of new Set(trigger.conditions.flatMap(({ send }) => send))) {
      if (!templates.has(name)) say(`trigger.${trigger.name}`, 'template', name, templates.keys());
    }
  }
  const checkTriggers = (key: string, names: readonly string[]): void => {
    for (const name of new Set(names)) if (!triggers.has(name)) say(key, 'trigger', name, triggers.keys());
  };
  checkTriggers('defaultTriggers', config.defaultTriggers);
  for (const [service, names] of config.defaultTriggersByService) {
    checkTriggers(`defaultTriggers.${service}`, names);
    if (!services.has(service)) say(`defaultTriggers.${service}`, 'service', service, services.keys());
  }
  for (const subscription of config.subscriptions) {
    checkTriggers('subscriptions', subscription.triggers);
    for (const { service } of subscription.destinations)
      if (!services.has(service)) say('subscriptions', 'service', service, services.keys());
  }
}

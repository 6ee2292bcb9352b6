import { closestWord, isObject } from '@flotilla/kernel';
import { ARGO_CATALOG } from './argo-catalog.js';
import { checkReferences } from './check-references.js';
import { FLEET_CATALOG } from './fleet-catalog.js';
import { KeyReader } from './key-reader.js';
import type {
  GlobalSubscription,
  NotificationConfig,
  NotificationFinding,
  NotificationService,
  NotificationTemplate,
  NotificationTrigger,
} from './notification-config.js';
import { readSubscriptions } from './read-subscriptions.js';
import { readTemplate } from './read-template.js';
import { readTrigger } from './read-trigger.js';

/** Types of services this hub has channels for. */
export const CHANNEL_TYPES: readonly string[] = ['slack', 'slack-webhook', 'email', 'webhook'];
const PREFIXES = ['service.', 'template.', 'trigger.', 'defaultTriggers.'];
const PLAIN_KEYS = ['defaultTriggers', 'subscriptions', 'context'];
const MAX_KEYS = 2_000;

interface Draft {
  services: Map<string, NotificationService>;
  templates: Map<string, NotificationTemplate>;
  triggers: Map<string, NotificationTrigger>;
  defaultTriggers: readonly string[];
  defaultTriggersByService: Map<string, readonly string[]>;
  subscriptions: GlobalSubscription[];
  context: Record<string, string>;
  findings: NotificationFinding[];
}

/**
 * Reads the data of `argocd-notifications-cm` over the built-in catalog. Never throws: a key that cannot be read is a finding,
 * and the others are used. A key of the user's takes the place of the catalog's.
 *
 * @param types of services that have a channel
 */
export function readNotifications(data: Readonly<Record<string, string>>, types: readonly string[] = CHANNEL_TYPES): NotificationConfig {
  const draft = emptyDraft();
  for (const catalog of [ARGO_CATALOG, FLEET_CATALOG]) {
    for (const [key, text] of Object.entries(catalog)) readKey(key, text, draft, { isBuiltIn: true, types });
  }
  const entries = Object.entries(data);
  if (entries.length > MAX_KEYS) {
    draft.findings.push({
      severity: 'error',
      key: '',
      message: `the ConfigMap has ${entries.length} keys; the first ${MAX_KEYS} are read`,
    });
  }
  for (const [key, text] of entries.slice(0, MAX_KEYS)) readKey(key, text, draft, { isBuiltIn: false, types });
  checkReferences(draft);
  return draft;
}

const emptyDraft = (): Draft => ({
  services: new Map(),
  templates: new Map(),
  triggers: new Map(),
  defaultTriggers: [],
  defaultTriggersByService: new Map(),
  subscriptions: [],
  context: {},
  findings: [],
});

function readKey(key: string, text: string, draft: Draft, options: { isBuiltIn: boolean; types: readonly string[] }): void {
  const reader = new KeyReader(key, text, draft.findings);
  const name = key.slice(key.indexOf('.') + 1);
  if (key === 'subscriptions') draft.subscriptions = readSubscriptions(reader);
  else if (key === 'context') draft.context = readContext(reader);
  else if (key === 'defaultTriggers') draft.defaultTriggers = readDefaults(reader) ?? [];
  else if (key.startsWith('defaultTriggers.')) {
    const triggers = readDefaults(reader);
    if (triggers) draft.defaultTriggersByService.set(name, triggers);
  } else if (key.startsWith('service.')) readService(name, reader, draft, options.types);
  else if (key.startsWith('template.')) {
    draft.templates.delete(name);
    const template = readTemplate(name, reader, options);
    if (template) draft.templates.set(name, template);
  } else if (key.startsWith('trigger.')) {
    draft.triggers.delete(name);
    const trigger = readTrigger(name, reader, options.isBuiltIn);
    if (trigger) draft.triggers.set(name, trigger);
  } else warnUnknownKey(key, reader);
}

function warnUnknownKey(key: string, reader: KeyReader): void {
  const [start = '', ...rest] = key.split('.');
  const known = [...PLAIN_KEYS, ...PREFIXES.map((prefix) => prefix.slice(0, -1))];
  const meant = closestWord(start, known);
  const hint = meant === undefined ? `keys are ${PLAIN_KEYS.join(', ')} and ${PREFIXES.map((prefix) => `${prefix}NAME`).join(', ')}` : '';
  reader.warn(`is not read; ${hint || `did you mean ${[meant, ...rest].join('.')}`}`);
}

/** The words for a recipient where triggers belong tell where it goes instead (oddity N01). */
function readDefaults(reader: KeyReader): string[] | undefined {
  const value = reader.yaml();
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return reader.names(value, '', reader.key);
  const got = reader.text.trim().slice(0, 40);
  const service = reader.key.startsWith('defaultTriggers.') ? reader.key.slice('defaultTriggers.'.length) : 'slack';
  reader.error(
    `must be a list of triggers (got ${got}); to set a default recipient use ` +
      `subscriptions: [{recipients: [${service}:${got}], triggers: [...]}]`,
  );
  return undefined;
}

function readService(place: string, reader: KeyReader, draft: Draft, types: readonly string[]): void {
  const [type = '', ...rest] = place.split('.');
  const name = rest.length === 0 ? type : rest.join('.');
  if (!types.includes(type)) {
    const meant = closestWord(type, types);
    reader.error(`${type || 'a service'} is no type of service here; ${meant ? `did you mean ${meant}` : `there are ${types.join(', ')}`}`);
    return;
  }
  const settings = reader.yaml();
  if (settings === undefined) return;
  const other = draft.services.get(name);
  if (settings !== null && !isObject(settings)) reader.error('must be a map of settings');
  else if (other) reader.error(`the name ${name} is also that of ${other.key}, which is used`);
  else draft.services.set(name, { key: reader.key, type, name, settings: settings ?? {} });
}

function readContext(reader: KeyReader): Record<string, string> {
  const value = reader.yaml();
  if (value === undefined || value === null) return {};
  if (!isObject(value)) {
    reader.error('must be a map of texts');
    return {};
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      if (typeof member === 'string' || typeof member === 'number' || typeof member === 'boolean') return [[key, String(member)]];
      reader.error(`${key} must be a text`, key);
      return [];
    }),
  );
}

import { isObject, messageOf } from '@flotilla/kernel';
import { parseSelectorText, type Requirement } from '@flotilla/selector';
import type { KeyReader } from './key-reader.js';
import type { Destination, GlobalSubscription } from './notification-config.js';

const MAX_SUBSCRIPTIONS = 500;

/** Reads `subscriptions`. One that cannot be read is left out, and said. */
export function readSubscriptions(reader: KeyReader): GlobalSubscription[] {
  const value = reader.yaml();
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    reader.error('must be a list of {recipients, triggers, selector}');
    return [];
  }
  if (value.length > MAX_SUBSCRIPTIONS) {
    reader.error(`has ${value.length} members; at most ${MAX_SUBSCRIPTIONS} are read`);
    return [];
  }
  return value.flatMap((item, i) => readSubscription(item, String(i), reader) ?? []);
}

function readSubscription(item: unknown, path: string, reader: KeyReader): GlobalSubscription | undefined {
  if (!isObject(item)) {
    reader.error('a subscription must be a map with recipients and triggers', path);
    return undefined;
  }
  reader.warnUnknown(item, ['recipients', 'triggers', 'selector'], path);
  const recipients = reader.names(item.recipients, `${path}.recipients`, 'recipients');
  const triggers = item.triggers === undefined || item.triggers === null ? [] : reader.names(item.triggers, `${path}.triggers`, 'triggers');
  const selector = readSelector(item.selector, `${path}.selector`, reader);
  if (!recipients || !triggers || !selector) return undefined;
  return { destinations: recipients.map(readRecipient), triggers, selector };
}

function readSelector(value: unknown, path: string, reader: KeyReader): Requirement[] | undefined {
  if (value === undefined || value === null || value === '') return [];
  if (typeof value !== 'string') {
    reader.error('selector must be a text such as team=shop,env!=dev', path);
    return undefined;
  }
  try {
    return parseSelectorText(value);
  } catch (error) {
    reader.error(messageOf(error), path);
    return undefined;
  }
}

/** `slack:channel`. Argo CD cuts the recipient at a second colon; here it is kept, because addresses hold colons. */
export function readRecipient(text: string): Destination {
  const colon = text.indexOf(':');
  return colon < 0
    ? { service: text.trim(), recipient: '' }
    : { service: text.slice(0, colon).trim(), recipient: text.slice(colon + 1).trim() };
}

import { closestWord, isObject } from '@flotilla/kernel';
import { compileGoTemplate, TemplateError } from '@flotilla/templating';
import type { KeyReader } from './key-reader.js';
import type { NotificationTemplate } from './notification-config.js';

/** Members of a template that Argo CD knows; the ones without a channel here are said and left out when sending. */
export const ARGO_SECTIONS: readonly string[] = [
  ...['message', 'alertmanager', 'awssqs', 'email', 'github', 'googlechat', 'grafana', 'mattermost', 'newrelic', 'opsgenie', 'pagerduty'],
  ...['pagerdutyv2', 'pushover', 'rocketchat', 'slack', 'teams', 'teams-workflows', 'telegram', 'webex', 'webhook'],
];
const MAX_DEPTH = 20;

/** Reads `template.<name>`. Every text in it must be a Go template that can be read, so that a typo is found before it is needed. */
export function readTemplate(
  name: string,
  reader: KeyReader,
  { isBuiltIn, types }: { isBuiltIn: boolean; types: readonly string[] },
): NotificationTemplate | undefined {
  const value = reader.yaml();
  if (value === undefined) return undefined;
  if (!isObject(value)) {
    reader.error('must be a map with message and a member per type of service, such as slack or email');
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (key === 'message' || types.includes(key)) continue;
    const known = [...new Set([...ARGO_SECTIONS, ...types])];
    const meant = closestWord(key, known);
    if (ARGO_SECTIONS.includes(key)) reader.warn(`${key}: this hub has no such channel; the member is not used`, key);
    else reader.warn(`${key} is left out: ${meant ? `did you mean ${meant}` : `known are message, ${types.join(', ')}`}`, key);
  }
  if (value.message !== undefined && typeof value.message !== 'string') {
    reader.error('message must be a text', 'message');
    return undefined;
  }
  return checkTexts(value, '', reader, 0) ? { name, sections: value, isBuiltIn } : undefined;
}

function checkTexts(value: unknown, path: string, reader: KeyReader, depth: number): boolean {
  if (depth > MAX_DEPTH) return true;
  if (typeof value === 'string') return checkText(value, path, reader);
  const entries = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return entries.map(([key, member]) => checkTexts(member, path === '' ? String(key) : `${path}.${key}`, reader, depth + 1)).every(Boolean);
}

function checkText(text: string, path: string, reader: KeyReader): boolean {
  try {
    compileGoTemplate(text, { name: path });
    return true;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    reader.error(`${path} is no template: ${error.message}`, path);
    return false;
  }
}

import { messageOf } from '@flotilla/kernel';
import { parseSelectorText } from '@flotilla/selector';
import type { ApiResource } from '../api/api-resource.js';
import { badRequest, invalidOptions } from '../http/kube-api.errors.js';
import type { StorageListOptions } from '../storage.js';
import type { ApiCall } from './api-call.js';

const MAX_SELECTOR_LENGTH = 16 * 1024;

/** What a list or watch selects. */
export function readSelection(call: ApiCall): Pick<StorageListOptions, 'namespace' | 'labels' | 'fields'> {
  const { query } = call.request;
  const labels = readLabels(query.get('labelSelector') ?? '');
  const fields = readFields(call.resource, query.get('fieldSelector') ?? '');
  // A name in the path of a watch or deletecollection narrows it like the selector does.
  const named = call.name === '' ? [] : [{ path: 'metadata.name', value: call.name }];
  return {
    ...(call.namespace === '' ? {} : { namespace: call.namespace }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(fields.length + named.length === 0 ? {} : { fields: [...fields, ...named] }),
  };
}

/** The decimal resourceVersion of the query, `''` when absent; `0` means any. */
export function readResourceVersion(call: ApiCall): string {
  const version = call.request.query.get('resourceVersion') ?? '';
  if (version === '' || /^\d{1,20}$/.test(version)) return version;
  const cause = `resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;
  throw badRequest(`invalid resource version: ${cause}`);
}

export function readVersionMatch(call: ApiCall): 'NotOlderThan' | 'Exact' | undefined {
  const { query } = call.request;
  const match = query.get('resourceVersionMatch') ?? '';
  if (match === '') return undefined;
  const isInitial = query.get('sendInitialEvents') !== null;
  if ((query.get('resourceVersion') ?? '') === '' && !isInitial) {
    throw forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
  if (query.get('continue')) throw forbidden('resourceVersionMatch is forbidden when continue is provided');
  if (match === 'NotOlderThan' || match === 'Exact') return match;
  const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`;
  throw invalidOptions('ListOptions', { reason: 'FieldValueNotSupported', message, field: 'resourceVersionMatch' });
}

export function forbidden(text: string, field = 'resourceVersionMatch'): Error {
  return invalidOptions('ListOptions', { reason: 'FieldValueForbidden', message: `Forbidden: ${text}`, field });
}

/** A count in the query; undefined when absent. */
export function readCount(call: ApiCall, name: string): number | undefined {
  const text = call.request.query.get(name);
  if (text === null || text === '') return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

export function readFlag(call: ApiCall, name: string): boolean {
  const text = call.request.query.get(name);
  return text !== null && !['', 'false', '0'].includes(text);
}

function readLabels(text: string): ReturnType<typeof parseSelectorText> {
  checkLength(text);
  try {
    return parseSelectorText(text);
  } catch (error) {
    throw badRequest(`unable to parse requirement: ${messageOf(error)}`);
  }
}

function readFields(resource: ApiResource, text: string): NonNullable<StorageListOptions['fields']> {
  checkLength(text);
  const known = ['metadata.name', 'metadata.namespace', ...resource.fieldSelectors];
  return text
    .split(',')
    .filter((clause) => clause !== '')
    .map((clause) => {
      const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(clause);
      if (!match) throw badRequest(`invalid selector: '${clause}'; can't understand '${clause}'`);
      const [, path = '', operator, value = ''] = match;
      if (!known.includes(path)) {
        const names = known.map((name) => JSON.stringify(name)).join(', ');
        throw badRequest(`${JSON.stringify(path)} is not a known field selector: only ${names}`);
      }
      return { path, value, ...(operator === '!=' ? { negated: true } : {}) };
    });
}

function checkLength(text: string): void {
  if (text.length > MAX_SELECTOR_LENGTH) throw badRequest(`a selector of ${text.length} characters is longer than ${MAX_SELECTOR_LENGTH}`);
}

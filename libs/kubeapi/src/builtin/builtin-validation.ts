import { InvalidInputError, isObject, jsonEqual } from '@flotilla/kernel';
import { type LabelSelector, matchesSelector, parseLabelSelector } from '@flotilla/selector';
import type { StatusCause } from '../http/kube-status.js';
import type { KubeObject } from '../storage.js';
import { at } from './builtin-columns.js';

const KEY = /^[-._a-zA-Z0-9]+$/;
const KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const MAX_DATA_BYTES = 1024 * 1024;

export function validateConfigMap(object: KubeObject, live: KubeObject | undefined): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const member of ['data', 'binaryData'] as const) {
    for (const key of Object.keys(isObject(object[member]) ? object[member] : {})) {
      if (!KEY.test(key)) causes.push(invalid(`${member}[${key}]`, key, KEY_RULE));
    }
  }
  const size = JSON.stringify([object.data ?? {}, object.binaryData ?? {}]).length;
  if (size > MAX_DATA_BYTES)
    causes.push({ reason: 'FieldValueTooLong', message: `Too long: may not be more than ${MAX_DATA_BYTES} bytes`, field: '' });
  if (live?.immutable === true && !(jsonEqual(object.data, live.data) && jsonEqual(object.binaryData, live.binaryData))) {
    causes.push({ reason: 'FieldValueForbidden', message: 'Forbidden: field is immutable when `immutable` is set', field: 'data' });
  }
  return causes;
}

/** What a workload's schema cannot say: its selector matches its template and never changes, its containers are complete. */
export function validateWorkload(object: KubeObject, live: KubeObject | undefined): StatusCause[] {
  const replicas = at(object, 'spec', 'replicas');
  const labels = at(object, 'spec', 'template', 'metadata', 'labels');
  const selector = at(object, 'spec', 'selector');
  return [
    ...(typeof replicas === 'number' && replicas < 0 ? [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')] : []),
    ...(matches(selector, labels)
      ? []
      : [invalid('spec.template.metadata.labels', labels ?? {}, '`selector` does not match template `labels`')]),
    ...validateContainers(at(object, 'spec', 'template', 'spec', 'containers')),
    ...(live && !jsonEqual(selector, at(live, 'spec', 'selector')) ? [invalid('spec.selector', selector, 'field is immutable')] : []),
  ];
}

function validateContainers(containers: unknown): StatusCause[] {
  if (!Array.isArray(containers) || containers.length === 0) {
    return [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.template.spec.containers' }];
  }
  return containers.flatMap((container, i) =>
    ['name', 'image']
      .filter((name) => !at(container, name))
      .map((name) => ({ reason: 'FieldValueRequired', message: 'Required value', field: `spec.template.spec.containers[${i}].${name}` })),
  );
}

function matches(selector: unknown, labels: unknown): boolean {
  if (!isObject(selector)) return false;
  try {
    const requirements = parseLabelSelector(selector as LabelSelector);
    return requirements.length > 0 && matchesSelector(requirements, (isObject(labels) ? labels : {}) as Record<string, string>);
  } catch (error) {
    if (error instanceof InvalidInputError) return false;
    throw error;
  }
}

function invalid(field: string, value: unknown, message: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${message}`, field };
}

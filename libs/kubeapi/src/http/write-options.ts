import type { ApiRequest } from './api-request.js';
import { invalidOptions } from './kube-api.errors.js';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** The query of a write, checked. */
export interface WriteOptions {
  isDryRun: boolean;
  fieldValidation: FieldValidation;
  fieldManager: string;
  /** Only server-side apply may set it. */
  force?: boolean;
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

const MAX_MANAGER_LENGTH = 128;
const VALIDATIONS = ['Ignore', 'Strict', 'Warn'] as const;

/** @throws KubeApiError 422 that names the option */
export function readWriteOptions(request: ApiRequest, kind: OptionsKind): WriteOptions {
  const { query } = request;
  return {
    isDryRun: isDryRun(query.getAll('dryRun'), kind),
    fieldValidation: readFieldValidation(query.get('fieldValidation') ?? '', kind),
    fieldManager: readFieldManager(query.get('fieldManager') ?? '', kind) || managerOfAgent(request.headers['user-agent']),
    force: query.has('force') ? query.get('force') !== 'false' : undefined,
  };
}

export function isDryRun(values: readonly string[], kind: OptionsKind): boolean {
  const given = values.filter((value) => value !== '');
  if (given.every((value) => value === 'All')) return given.length > 0;
  const message = `Unsupported value: ${JSON.stringify(given)}: supported values: "All"`;
  throw invalidOptions(kind, { reason: 'FieldValueNotSupported', message, field: 'dryRun' });
}

/** An apply patch must name its manager; nothing else may be forced. */
export function checkPatchOptions(options: WriteOptions, named: boolean, isApply: boolean): void {
  if (isApply && !named) {
    throw invalidOptions('PatchOptions', {
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
      field: 'fieldManager',
    });
  }
  if (!isApply && options.force !== undefined) {
    throw invalidOptions('PatchOptions', {
      reason: 'FieldValueForbidden',
      message: 'Forbidden: may not be specified for non-apply patch',
      field: 'force',
    });
  }
}

function readFieldValidation(value: string, kind: OptionsKind): FieldValidation {
  if (value === '') return 'Warn';
  const known = VALIDATIONS.find((name) => name === value);
  if (known) return known;
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: "", ${VALIDATIONS.map((name) => `"${name}"`).join(', ')}`;
  throw invalidOptions(kind, { reason: 'FieldValueNotSupported', message, field: 'fieldValidation' });
}

function readFieldManager(value: string, kind: OptionsKind): string {
  if (value.length > MAX_MANAGER_LENGTH) {
    const message = `Too long: may not be more than ${MAX_MANAGER_LENGTH} bytes`;
    throw invalidOptions(kind, { reason: 'FieldValueTooLong', message, field: 'fieldManager' });
  }
  return value;
}

/** Without a name, the program's name in the user agent is the manager, as the real server has it. */
function managerOfAgent(agent: string | undefined): string {
  const name = (agent ?? '').split('/')[0]!.replace(/[^\x20-\x7e]/g, '');
  return name.slice(0, MAX_MANAGER_LENGTH) || 'unknown';
}

import type { Requirement } from '@flotilla/selector';
import type { Selection } from '../document/selection.js';
import { STATUS_KIND } from './document-codec.js';

/** Collects the parameters of a statement while its text is put together. */
export class SqlParameters {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** Conditions on `documents d` (and `application_status s` for its kind), as matchesDocument decides it in memory. */
export function selectionSql(kind: string, { namespace, labels = [], fields = [] }: Selection, parameters: SqlParameters): string[] {
  const conditions = [`d.kind = ${parameters.add(kind)}`];
  if (namespace !== undefined) conditions.push(`d.namespace = ${parameters.add(namespace)}`);
  for (const requirement of labels) conditions.push(labelSql(requirement, parameters));
  for (const { path, value, negated } of fields) {
    conditions.push(`${fieldSql(kind, path, parameters)} ${negated ? '<>' : '='} ${parameters.add(value)}`);
  }
  return conditions;
}

function labelSql({ key, operator, values }: Requirement, parameters: SqlParameters): string {
  const own = () => `d.labels ->> ${parameters.add(key)}::text`;
  switch (operator) {
    case 'In':
      // Containment is what the index answers.
      if (values.length === 1) return `d.labels @> ${parameters.add(JSON.stringify({ [key]: values[0] }))}::jsonb`;
      return `coalesce(${own()} = ANY(${parameters.add(values)}::text[]), false)`;
    case 'NotIn':
      return `NOT coalesce(${own()} = ANY(${parameters.add(values)}::text[]), false)`;
    case 'Exists':
      return `d.labels ? ${parameters.add(key)}`;
    case 'DoesNotExist':
      return `NOT d.labels ? ${parameters.add(key)}`;
    case 'Gt':
    case 'Lt': {
      const bound = Number(values[0]);
      if (!Number.isFinite(bound)) return 'false';
      const sign = operator === 'Gt' ? '>' : '<';
      return `CASE WHEN ${own()} ~ '^-?\\d+$' THEN (${own()})::numeric ${sign} ${parameters.add(bound)}::numeric ELSE false END`;
    }
  }
}

function fieldSql(kind: string, path: string, parameters: SqlParameters): string {
  if (path === 'metadata.name') return 'd.name';
  if (path === 'metadata.namespace') return 'd.namespace';
  const keys = path.split('.');
  if (kind === STATUS_KIND && keys[0] === 'status') return `coalesce(s.status #>> ${parameters.add(keys.slice(1))}::text[], '')`;
  return `coalesce(d.document #>> ${parameters.add(keys)}::text[], '')`;
}

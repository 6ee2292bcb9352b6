import type { ParameterSource } from '@flotilla/generators';

/** One line: file and line, or cluster and label, then the generator. */
export function describeSource({
  generator,
  field,
  from,
  file,
  line,
  element,
  cluster,
  label,
  annotation,
  repository,
  revision,
}: ParameterSource): string {
  const parts: string[] = [];
  if (file !== undefined) parts.push(`${file}${line === undefined ? '' : `:${line}`}`);
  if (element !== undefined && repository !== undefined) parts.push(`element ${element}`);
  if (repository !== undefined) parts.push(`of ${repository}${revision ? ` at ${revision}` : ''}`);
  if (cluster !== undefined) parts.push(`cluster ${cluster}`);
  if (label !== undefined) parts.push(`label ${label}`);
  if (annotation !== undefined) parts.push(`annotation ${annotation}`);
  const place = field ?? (element === undefined || repository !== undefined ? generator : `${generator} element ${element}`);
  const made = from === undefined ? '' : `, from ${from.join(', ')}`;
  return `${parts.length === 0 ? place : `${parts.join(' ')} (${place})`}${made}`;
}

/** A value on one line. */
export function valueText(value: unknown): string {
  if (value === undefined) return '(none)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

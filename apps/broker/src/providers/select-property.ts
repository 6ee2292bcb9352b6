import { isObject } from '@flotilla/kernel';
import { parseYaml } from '@flotilla/yaml';
import { SecretFault } from '../secret-fault.errors.js';
import { parseBoundedJson } from './bounded-json.js';
import { bytesOfValue, valueAtPath } from './json-value.js';
import type { SecretDocument } from './secret.provider.js';

/**
 * The value of a document, or of a property of it.
 *
 * @param what for messages: store and key
 * @throws SecretFault
 */
export function selectProperty(document: SecretDocument, property: string | undefined, what: string): Buffer {
  if (document.isSelected || property === undefined || property === '') return Buffer.from(document.bytes);
  const value = valueAtPath(contentOf(document, what), property);
  if (value === undefined || value === null) throw new SecretFault('PropertyNotFound', `${what}: there is no property ${property}`);
  return bytesOfValue(value);
}

/** All properties of a document, or of the map at a property of it. @throws SecretFault */
export function propertiesOf(document: SecretDocument, property: string | undefined, what: string): Record<string, Buffer> {
  const value = valueAtPath(contentOf(document, what), document.isSelected ? '' : (property ?? ''));
  if (value === undefined) throw new SecretFault('PropertyNotFound', `${what}: there is no property ${property}`);
  if (!isObject(value)) throw new SecretFault('ValueInvalid', `${what}: the value is no map, so nothing can be extracted`);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, bytesOfValue(inner)]));
}

function contentOf({ bytes, format }: SecretDocument, what: string): unknown {
  const read = format === 'yaml' ? yamlOf(bytes) : parseBoundedJson(bytes);
  if (read) return read.value;
  throw new SecretFault(
    'ValueInvalid',
    `${what}: the value is no ${format === 'yaml' ? 'YAML' : 'JSON'} within limits, so it has no properties`,
  );
}

/** The parser's error would quote the text. */
function yamlOf(bytes: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: parseYaml(new TextDecoder('utf-8', { fatal: true }).decode(bytes), { maxDocuments: 1 })[0] };
  } catch {
    return undefined;
  }
}

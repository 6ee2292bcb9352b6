import type { StatusCause } from '../http/kube-status.js';
import type { NameRule } from './api-resource.js';

const SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';

const RULES: Record<Exclude<NameRule, 'path-segment'>, { pattern: RegExp; maxLength: number; message: string }> = {
  'dns1123-subdomain': {
    pattern: new RegExp(`^${SUBDOMAIN}$`),
    maxLength: 253,
    message: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
  },
  'dns1123-label': {
    pattern: new RegExp(`^${LABEL}$`),
    maxLength: 63,
    message: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
  },
  'dns1035-label': {
    pattern: new RegExp(`^${LABEL_1035}$`),
    maxLength: 63,
    message: `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${LABEL_1035}')`,
  },
};

/** What is wrong with `metadata.name`; empty when it is fine. Texts are those of apimachinery's validation. */
export function validateName(name: string, rule: NameRule): StatusCause[] {
  if (rule === 'path-segment') return validatePathSegment(name);
  const { pattern, maxLength, message } = RULES[rule];
  const causes: StatusCause[] = [];
  if (name.length > maxLength) causes.push(wrong(name, `must be no more than ${maxLength} characters`));
  else if (rule === 'dns1123-label' && name.includes('.')) causes.push(wrong(name, 'must not contain dots'));
  // A name over the bound is not matched, so the pattern's cost stays bounded.
  else if (!pattern.test(name)) causes.push(wrong(name, message));
  return causes;
}

function validatePathSegment(name: string): StatusCause[] {
  if (name === '.' || name === '..') return [wrong(name, `may not be '${name}'`)];
  return ['/', '%'].filter((char) => name.includes(char)).map((char) => wrong(name, `may not contain '${char}'`));
}

function wrong(name: string, message: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(name)}: ${message}`, field: 'metadata.name' };
}

/** Consonants and digits that never spell a word, as Kubernetes uses for generated names. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_PREFIX_LENGTH = 63 - SUFFIX_LENGTH;

/** A name from `metadata.generateName` and random bytes. */
export function generateName(prefix: string, random: Uint8Array): string {
  const suffix = [...random.subarray(0, SUFFIX_LENGTH)].map((byte) => SUFFIX_ALPHABET[byte % SUFFIX_ALPHABET.length]).join('');
  return prefix.slice(0, MAX_PREFIX_LENGTH) + suffix;
}

import { type FieldError, REQUIRED } from './admission.js';

/** One line for people: every missing key at once, then the other errors. */
export function describeErrors(errors: readonly FieldError[]): string {
  const missing = errors.filter(({ message }) => message === REQUIRED).map(({ field }) => field);
  const others = errors
    .filter(({ message }) => message !== REQUIRED)
    .map(({ field, message, line }) => `${line === undefined ? '' : `line ${line}: `}${field === '' ? '' : `${field} `}${message}`);
  const required = missing.length === 0 ? [] : [`${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} required`];
  return [...required, ...others].join('; ');
}

import { isObject } from '@flotilla/kernel';

const MAX_STEPS = 50;

/**
 * The value at a path such as `a.b.0.c` or `a[0]`; `\.` is a dot within a name. A name that stands there with its dots wins, as
 * in ESO. Undefined for nothing.
 */
export function valueAtPath(value: unknown, path: string): unknown {
  if (path === '') return value;
  if (isObject(value) && Object.hasOwn(value, path)) return value[path];
  const steps = path
    .replace(/\[(\d+|'[^']*'|"[^"]*")\]/g, (_, step: string) => `.${step.replace(/^['"]|['"]$/g, '').replaceAll('.', '\\.')}`)
    .split(/(?<!\\)\./)
    .filter((step) => step !== '')
    .map((step) => step.replaceAll('\\.', '.'));
  if (steps.length > MAX_STEPS) return undefined;
  return steps.reduce<unknown>(takeStep, value);
}

function takeStep(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return /^\d{1,9}$/.test(step) ? value[Number(step)] : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** A JSON value as the bytes of a Secret's value, as ESO writes it: text as it is, everything else as JSON. */
export function bytesOfValue(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (value === null) return Buffer.alloc(0);
  return Buffer.from(JSON.stringify(value));
}

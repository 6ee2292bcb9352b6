import { isObject } from '@flotilla/kernel';
import { z } from 'zod';
import type { GeneratorContext } from '../generator/generator.js';
import { PairedSet, type Params, paramSet } from './params.js';

/**
 * `values` of a generator: texts that may refer to the parameters beside them, never to each other. The map is kept as it is,
 * because zod's records leave out a key `__proto__`.
 */
export const valuesSchema = z
  .custom<Record<string, string>>(isObject, 'must be a map of texts')
  .superRefine((values, context) => {
    for (const [name, value] of Object.entries(values)) {
      if (typeof value !== 'string') context.addIssue({ code: 'custom', path: [name], message: 'must be text (put it in quotes)' });
    }
  })
  .nullable()
  .optional();

/**
 * Adds `values` to a parameter set: as `values.<name>` for plain templates, where what a value refers to in vain stays as
 * written, and as a map for Go templates.
 */
export function withValues(
  params: Record<string, unknown>,
  values: Record<string, string> | null | undefined,
  { mode, outer, path }: GeneratorContext,
): Params {
  if (!values) return params;
  const own = paramSet({ ...params }, { generator: path });
  const seen = outer && mode.isGo ? new PairedSet(outer, own) : own;
  return besides(
    params,
    Object.entries(values).map(([name, text]) => [name, mode.filler(text).fill(seen)]),
    mode.isGo,
  );
}

/**
 * Adds `values` as they are written, which is what Argo CD does for clusterDecisionResource; only in the second child of a matrix
 * do they refer to something, the first child's parameters.
 */
export function withCopiedValues(
  params: Params,
  values: Record<string, string> | null | undefined,
  { mode, outer }: GeneratorContext,
): Params {
  if (!values) return params;
  const fill = (text: string): unknown => (outer && mode.isGo ? mode.filler(text).fill(outer) : text);
  return besides(
    params,
    Object.entries(values).map(([name, text]) => [name, fill(text)]),
    mode.isGo,
  );
}

function besides(params: Params, values: readonly (readonly [string, unknown])[], isGo: boolean): Params {
  if (isGo) return { ...params, values: Object.fromEntries(values) };
  return { ...params, ...Object.fromEntries(values.map(([name, text]) => [`values.${name}`, text])) };
}

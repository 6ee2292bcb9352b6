import { z } from 'zod';
import type { GeneratorContext } from '../generator/generator.js';
import { PairedSet, type Params, paramSet } from './params.js';

/** `values` of a generator: texts that may refer to the parameters beside them, never to each other. */
export const valuesSchema = z.record(z.string(), z.string()).nullable().optional();

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
  const filled = Object.entries(values).map(([name, text]) => [name, mode.filler(text).fill(seen)] as const);
  if (mode.isGo) return { ...params, values: Object.fromEntries(filled) };
  return { ...params, ...Object.fromEntries(filled.map(([name, text]) => [`values.${name}`, text])) };
}

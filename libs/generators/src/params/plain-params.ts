import { flattenParams, goText } from './flatten-params.js';
import type { Params } from './params.js';

/** Structured parameters as plain templates read them: flat names, Go's texts; ids that are integers keep every digit. */
export function plainParams(params: Params): Record<string, unknown> {
  return flattenParams(params, (leaf) => (typeof leaf === 'bigint' ? leaf.toString() : goText(leaf)));
}

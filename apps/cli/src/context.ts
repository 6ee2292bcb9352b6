import type { CONTROL_NAMESPACE } from '@flotilla/contracts';
import { type Clock, InvalidInputError } from '@flotilla/kernel';
import type { CallOptions } from './hub-client.js';
import { type Column, parseFormat, print } from './print.js';

/** The compiler keeps it equal; importing the value would load every schema before the first word is printed. */
const DEFAULT_NAMESPACE: typeof CONTROL_NAMESPACE = 'argocd';

/** What commands need from the world, so that tests bring their own. */
export interface CliContext {
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  out(text: string): void;
  error(text: string): void;
  call<T>(id: string, options?: CallOptions): Promise<T>;
}

export interface OutputOptions {
  output?: string;
}

/** Prints rows in the format asked for. */
export function show<T>(
  { out }: CliContext,
  rows: readonly T[],
  columns: readonly Column<T>[],
  options: OutputOptions,
  nameOf: (row: T) => string,
): void {
  const text = print(rows, columns, parseFormat(options.output ?? 'table'), nameOf);
  if (text !== '') out(text);
}

/** `NAME` in the control namespace, or `NAMESPACE/NAME`. */
export function place(text: string): { namespace: string; name: string } {
  const parts = text.split('/');
  if (parts.length > 2 || parts.includes('')) throw new InvalidInputError(`${JSON.stringify(text)} is neither NAME nor NAMESPACE/NAME`);
  return parts.length === 2 ? { namespace: parts[0]!, name: parts[1]! } : { namespace: DEFAULT_NAMESPACE, name: text };
}

/** All pages of a list verb. */
export async function listAll<T>(context: CliContext, id: string, query: Record<string, string | undefined>): Promise<T[]> {
  const items: T[] = [];
  let next: string | undefined;
  do {
    const page = await context.call<{ items: T[]; continue?: string }>(id, { query: { ...query, continue: next } });
    items.push(...page.items);
    next = page.continue;
  } while (next);
  return items;
}

/** `key=value` pairs of repeated options. */
export function pairs(texts: readonly string[] | undefined): Record<string, string> | undefined {
  if (!texts?.length) return undefined;
  return Object.fromEntries(
    texts
      .flatMap((text) => text.split(','))
      .map((text) => {
        const [key, ...rest] = text.split('=');
        if (!key || rest.length === 0) throw new InvalidInputError(`${JSON.stringify(text)} is not KEY=VALUE`);
        return [key, rest.join('=')];
      }),
  );
}

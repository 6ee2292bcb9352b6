import { isObject } from '@flotilla/kernel';

/** The reference tokens of an RFC 6901 pointer. */
export function readPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** `.spec.source.targetRevision` as the pointer it means; undefined for a real expression. */
export function plainPathPointer(expression: string): string | undefined {
  return /^(\.[A-Za-z_][\w-]*)+$/.test(expression) ? expression.replaceAll('.', '/') : undefined;
}

/** Makes `target` agree with `source` at a pointer: the value there, or nothing. Missing parents are made where needed. */
export function copyAt(tokens: readonly string[], source: unknown, target: Record<string, unknown>): void {
  const value = valueAt(tokens, source);
  const [last, ...before] = [...tokens].reverse();
  if (last === undefined) return;
  let node: unknown = target;
  for (const token of before.reverse()) {
    const parent = node as Record<string, unknown>;
    if (!isContainer(parent[token])) {
      if (value === undefined) return;
      Object.defineProperty(parent, token, { value: {}, enumerable: true, configurable: true, writable: true });
    }
    node = parent[token];
  }
  const parent = node as Record<string, unknown>;
  if (value !== undefined) Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
  else if (isObject(parent)) delete parent[last];
}

function valueAt(tokens: readonly string[], root: unknown): unknown {
  return tokens.reduce<unknown>((node, token) => (isContainer(node) && Object.hasOwn(node, token) ? node[token] : undefined), root);
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

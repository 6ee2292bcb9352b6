/** How tightly operators bind, as in expr-lang: `??` tightest, `|` least. */
export const BINARY: ReadonlyMap<string, { precedence: number; isRight?: true }> = new Map([
  ['|', { precedence: 0 }],
  ['or', { precedence: 10 }],
  ['||', { precedence: 10 }],
  ['and', { precedence: 15 }],
  ['&&', { precedence: 15 }],
  ['==', { precedence: 20 }],
  ['!=', { precedence: 20 }],
  ['<', { precedence: 20 }],
  ['>', { precedence: 20 }],
  ['>=', { precedence: 20 }],
  ['<=', { precedence: 20 }],
  ['in', { precedence: 20 }],
  ['matches', { precedence: 20 }],
  ['contains', { precedence: 20 }],
  ['startsWith', { precedence: 20 }],
  ['endsWith', { precedence: 20 }],
  ['..', { precedence: 25 }],
  ['+', { precedence: 30 }],
  ['-', { precedence: 30 }],
  ['*', { precedence: 60 }],
  ['/', { precedence: 60 }],
  ['%', { precedence: 60 }],
  ['**', { precedence: 100, isRight: true }],
  ['^', { precedence: 100, isRight: true }],
  ['??', { precedence: 500 }],
]);

export const UNARY: ReadonlyMap<string, number> = new Map([
  ['not', 50],
  ['!', 50],
  ['-', 90],
  ['+', 90],
]);

/** `a not in b`. */
export const NEGATABLE: ReadonlySet<string> = new Set(['in', 'matches', 'contains', 'startsWith', 'endsWith']);
/** `a < b < c` is `a < b and b < c`. */
export const CHAINED: ReadonlySet<string> = new Set(['<', '>', '<=', '>=', '==', '!=']);
/** Builtins whose argument at this place is asked once per element. */
export const PREDICATES: ReadonlyMap<string, number> = new Map(
  [
    ...['all', 'none', 'any', 'one', 'filter', 'map', 'count', 'sum', 'find', 'findIndex', 'findLast', 'findLastIndex'],
    ...['groupBy', 'sortBy', 'reduce'],
  ].map((name) => [name, 1]),
);

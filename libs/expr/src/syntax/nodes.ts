/** A parsed expression. `at` is where it begins in the source, for errors. */
export type Node =
  | { type: 'literal'; value: null | boolean | number | string }
  | { type: 'name'; name: string }
  /** The element a predicate looks at (`#`), its index (`#index`) or what `reduce` has so far (`#acc`). */
  | { type: 'pointer'; name: '' | 'index' | 'acc' }
  | { type: 'unary'; operator: 'not' | '-' | '+'; operand: Node }
  | { type: 'binary'; operator: string; left: Node; right: Node }
  | { type: 'logic'; operator: 'and' | 'or' | '??'; left: Node; right: Node }
  | { type: 'choice'; condition: Node; yes: Node; no: Node }
  | { type: 'member'; object: Node; key: Node; isOptional: boolean }
  | { type: 'slice'; object: Node; from?: Node; to?: Node }
  /** What ends in nil as a whole when one of its optional members is asked of nil. */
  | { type: 'chain'; inner: Node }
  | { type: 'call'; callee: Node; args: readonly Node[] }
  | { type: 'builtin'; name: string; args: readonly Node[] }
  | { type: 'predicate'; body: Node }
  | { type: 'array'; items: readonly Node[] }
  | { type: 'map'; entries: readonly (readonly [Node, Node])[] }
  | { type: 'let'; name: string; value: Node; body: Node }
  | { type: 'sequence'; steps: readonly Node[] };

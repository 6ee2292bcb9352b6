import type { CharTest } from './char-class.js';

/** The tree of a regular expression in RE2's syntax. */
export type PatternNode =
  | { type: 'empty' }
  | { type: 'char'; test: CharTest }
  | { type: 'assert'; kind: AssertKind }
  | { type: 'sequence'; items: PatternNode[] }
  | { type: 'alternatives'; items: PatternNode[] }
  | { type: 'repeat'; item: PatternNode; min: number; max: number; greedy: boolean }
  | { type: 'capture'; item: PatternNode; index: number };

export type AssertKind = 'lineStart' | 'lineEnd' | 'textStart' | 'textEnd' | 'wordBoundary' | 'noWordBoundary';

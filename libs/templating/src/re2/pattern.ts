import type { Budget } from '../execute/budget.js';
import { parsePattern } from './parse-pattern.js';
import { compileProgram, type Instruction } from './program.js';
import type { AssertKind } from './syntax.js';

/** Longest pattern. */
const MAX_PATTERN_LENGTH = 4096;
/** Threads looked at per step of the budget. */
const THREADS_PER_STEP = 8;

/** Start and end of the match and of each group, -1 where a group took no part. */
export type Match = readonly number[];

interface Thread {
  pc: number;
  slots: readonly number[];
}

/**
 * A regular expression in RE2's syntax, matched in time linear in the text whatever the pattern: all ways to match are
 * followed side by side (Thompson's construction, leftmost-first as Perl prefers).
 */
export class Pattern {
  readonly names: readonly string[];
  readonly #program: readonly Instruction[];
  readonly #slots: readonly number[];

  /** @throws PatternError */
  constructor(source: string) {
    if (source.length > MAX_PATTERN_LENGTH) throw new RangeError(`a regular expression has at most ${MAX_PATTERN_LENGTH} characters`);
    const { node, names } = parsePattern(source);
    this.names = names;
    this.#program = compileProgram({ type: 'capture', item: node, index: 0 });
    this.#slots = new Array<number>(names.length * 2).fill(-1);
  }

  /** The leftmost match at or after `from`. @throws TemplateLimitError when the budget runs out */
  find(text: string, from: number, budget: Budget): Match | undefined {
    let current: Thread[] = [];
    let seen = new Set<number>();
    let found: Match | undefined;
    for (let pos = from; ; ) {
      if (!found) this.#follow({ pc: 0, slots: this.#slots }, text, pos, current, seen);
      if (current.length === 0 && found) return found;
      budget.step(1 + Math.floor(current.length / THREADS_PER_STEP));
      const code = text.codePointAt(pos);
      const after = pos + (code !== undefined && code > 0xffff ? 2 : 1);
      const next: Thread[] = [];
      const reached = new Set<number>();
      for (const thread of current) {
        const instruction = this.#program[thread.pc]!;
        if (instruction.op === 'match') {
          // What comes after in this list is a worse way to match.
          found = thread.slots;
          break;
        }
        if (code !== undefined && instruction.op === 'char' && instruction.test(code)) {
          this.#follow({ pc: thread.pc + 1, slots: thread.slots }, text, after, next, reached);
        }
      }
      if (code === undefined) return found;
      current = next;
      seen = reached;
      pos = after;
    }
  }

  /** Adds the states reached without reading a character, preferred ones first. */
  #follow(start: Thread, text: string, pos: number, list: Thread[], seen: Set<number>): void {
    const stack = [start];
    for (let thread = stack.pop(); thread; thread = stack.pop()) {
      const { pc, slots } = thread;
      if (seen.has(pc)) continue;
      seen.add(pc);
      const instruction = this.#program[pc]!;
      switch (instruction.op) {
        case 'jump':
          stack.push({ pc: instruction.to, slots });
          break;
        case 'split':
          stack.push({ pc: instruction.second, slots }, { pc: instruction.first, slots });
          break;
        case 'save':
          stack.push({ pc: pc + 1, slots: slots.with(instruction.slot, pos) });
          break;
        case 'assert':
          if (holds(instruction.kind, text, pos)) stack.push({ pc: pc + 1, slots });
          break;
        default:
          list.push(thread);
      }
    }
  }
}

function holds(kind: AssertKind, text: string, pos: number): boolean {
  switch (kind) {
    case 'textStart':
      return pos === 0;
    case 'textEnd':
      return pos === text.length;
    case 'lineStart':
      return pos === 0 || text[pos - 1] === '\n';
    case 'lineEnd':
      return pos === text.length || text[pos] === '\n';
    default:
      return (isWord(text[pos - 1]) !== isWord(text[pos])) === (kind === 'wordBoundary');
  }
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /[0-9A-Za-z_]/.test(char);
}

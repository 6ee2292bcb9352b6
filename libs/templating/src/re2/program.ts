import type { CharTest } from './char-class.js';
import { PatternError } from './pattern.errors.js';
import type { AssertKind, PatternNode } from './syntax.js';

export type Instruction =
  | { op: 'char'; test: CharTest }
  | { op: 'assert'; kind: AssertKind }
  | { op: 'save'; slot: number }
  /** Goes on at both; the first is preferred. */
  | { op: 'split'; first: number; second: number }
  | { op: 'jump'; to: number }
  | { op: 'match' };

/** Instructions of one pattern; counted repetitions multiply. */
const MAX_INSTRUCTIONS = 10_000;

/** @throws PatternError for a pattern whose repetitions multiply beyond MAX_INSTRUCTIONS */
export function compileProgram(node: PatternNode): Instruction[] {
  const compiler = new ProgramCompiler();
  compiler.compile(node);
  compiler.emit({ op: 'match' });
  return compiler.program;
}

class ProgramCompiler {
  readonly program: Instruction[] = [];

  emit(instruction: Instruction): number {
    if (this.program.length >= MAX_INSTRUCTIONS) throw new PatternError('expression is too large', `${MAX_INSTRUCTIONS} instructions`);
    return this.program.push(instruction) - 1;
  }

  compile(part: PatternNode): void {
    switch (part.type) {
      case 'empty':
        break;
      case 'char':
        this.emit({ op: 'char', test: part.test });
        break;
      case 'assert':
        this.emit({ op: 'assert', kind: part.kind });
        break;
      case 'sequence':
        for (const item of part.items) this.compile(item);
        break;
      case 'alternatives':
        this.#alternatives(part.items);
        break;
      case 'capture':
        this.emit({ op: 'save', slot: part.index * 2 });
        this.compile(part.item);
        this.emit({ op: 'save', slot: part.index * 2 + 1 });
        break;
      case 'repeat':
        for (let i = 0; i < part.min; i++) this.compile(part.item);
        if (part.max === Infinity) this.#loop(part.item, part.greedy);
        else this.#optional(part.item, part.max - part.min, part.greedy);
    }
  }

  #alternatives(items: readonly PatternNode[]): void {
    const ends: number[] = [];
    for (const item of items.slice(0, -1)) {
      const split = this.emit({ op: 'split', first: 0, second: 0 });
      this.compile(item);
      ends.push(this.emit({ op: 'jump', to: 0 }));
      this.program[split] = { op: 'split', first: split + 1, second: this.program.length };
    }
    this.compile(items.at(-1)!);
    for (const end of ends) this.program[end] = { op: 'jump', to: this.program.length };
  }

  #loop(item: PatternNode, greedy: boolean): void {
    const split = this.emit({ op: 'split', first: 0, second: 0 });
    this.compile(item);
    this.emit({ op: 'jump', to: split });
    this.program[split] = branch(split + 1, this.program.length, greedy);
  }

  #optional(item: PatternNode, times: number, greedy: boolean): void {
    const splits: number[] = [];
    for (let i = 0; i < times; i++) {
      splits.push(this.emit({ op: 'split', first: 0, second: 0 }));
      this.compile(item);
    }
    for (const split of splits) this.program[split] = branch(split + 1, this.program.length, greedy);
  }
}

function branch(inside: number, after: number, greedy: boolean): Instruction {
  return greedy ? { op: 'split', first: inside, second: after } : { op: 'split', first: after, second: inside };
}

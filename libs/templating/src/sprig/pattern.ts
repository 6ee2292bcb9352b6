import { RE2JS, RE2JSException } from 're2js';
import type { Budget } from '../execute/budget.js';

/** Longest pattern. */
const MAX_PATTERN_LENGTH = 4096;
/** Most instructions of one pattern; counted repetitions multiply. */
const MAX_INSTRUCTIONS = 10_000;
/** Characters times instructions that one step of the budget pays for. */
const WORK_PER_STEP = 256;
/** What a character costs on the way to a match, however small the pattern. */
const STEPS_PER_CHARACTER = 2;

/** A pattern that RE2 refuses, or one beyond a limit; worded like Go's. */
export class PatternError extends Error {}

/** Start and end of the match and of each group, -1 where a group took no part. */
export type Match = readonly number[];

/** A regular expression in RE2's syntax: matching takes time linear in the text, whatever the pattern. */
export class Pattern {
  /** Names of the groups by index; '' where there is none. */
  readonly names: readonly string[];
  /** Instructions; what it cost to build. */
  readonly size: number;
  readonly #pattern: RE2JS;

  /** @throws PatternError */
  constructor(source: string) {
    if (source.length > MAX_PATTERN_LENGTH) throw new PatternError(`a regular expression has at most ${MAX_PATTERN_LENGTH} characters`);
    try {
      this.#pattern = RE2JS.compile(source);
    } catch (error) {
      if (error instanceof RE2JSException) throw new PatternError(error.message);
      throw error;
    }
    this.size = this.#pattern.programSize();
    if (this.size > MAX_INSTRUCTIONS) throw new PatternError(`error parsing regexp: expression is too large: ${this.size} instructions`);
    const names = new Array<string>(this.#pattern.groupCount() + 1).fill('');
    for (const [name, index] of Object.entries(this.#pattern.namedGroups())) names[index] = name;
    this.names = names;
  }

  /** The leftmost match at or after `from`. @throws TemplateLimitError when the budget runs out */
  find(text: string, from: number, budget: Budget): Match | undefined {
    budget.step(1 + Math.ceil(((text.length - from) * this.size) / WORK_PER_STEP));
    const matcher = this.#pattern.matcher(text);
    const found = matcher.find(from);
    budget.step(STEPS_PER_CHARACTER * ((found ? matcher.end(0) : text.length) - from));
    if (!found) return undefined;
    return this.names.flatMap((_, group) => [matcher.start(group), matcher.end(group)]);
  }
}

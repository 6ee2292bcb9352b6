import { messageOf } from '@flotilla/kernel';
import { compileGlob, compilePathPattern, MAX_PATH_PATTERN, MatchBudget } from '@flotilla/selector';
import type { FileGlobs } from '../generator/generator.js';
import { GeneratorError } from '../generator/generators.errors.js';

/** An entry of `directories` or `files` of a git generator. */
export interface PathEntry {
  path: string;
  exclude?: boolean | undefined;
}

/** Patterns of one generator beyond this number are refused. */
const MAX_PATTERNS = 1_000;
/** Steps that matching the directories of one repository may take, well below a second's worth: 100,000 directories by some dozens of patterns. */
const MAX_MATCH_STEPS = 50_000_000;
/** Each further `**` of a `:(glob)` pathspec multiplies the time Git takes for a deep path. */
const MAX_GLOB_STARS = 4;

/**
 * Whether a directory is chosen by Go's `path.Match`: an entry includes it and none excludes it, in whatever order they stand.
 * @throws GeneratorError naming the entry; the answer throws one naming the list when matching takes too long
 */
export function readDirectoryPatterns(entries: readonly PathEntry[], path: string): (directory: string) => boolean {
  refuseTooMany(entries, path);
  const budget = new MatchBudget(MAX_MATCH_STEPS);
  const matchers = entries.map(({ path: pattern, exclude }, i) => ({
    exclude,
    matches: named(`${path}[${i}].path`, () => {
      refuseTooLong(pattern);
      return compileGlob(pattern, { separator: '/', budget });
    }),
  }));
  return (directory) => {
    const hits = named(path, () => matchers.filter(({ matches }) => matches(directory)));
    return hits.length > 0 && !hits.some(({ exclude }) => exclude);
  };
}

/** @throws GeneratorError naming the entry that cannot be read or would take too long to match */
export function checkFilePatterns(entries: readonly PathEntry[], globs: FileGlobs, path: string): void {
  refuseTooMany(entries, path);
  for (const [i, { path: pattern }] of entries.entries()) {
    named(`${path}[${i}].path`, () => {
      refuseTooLong(pattern);
      if (globs === 'doublestar') compilePathPattern(pattern);
      else refuseSlowPathspec(pattern);
    });
  }
}

function refuseTooMany(entries: readonly PathEntry[], path: string): void {
  if (entries.length > MAX_PATTERNS)
    throw new GeneratorError(path, `it lists ${entries.length} patterns; at most ${MAX_PATTERNS} are read`);
}

function refuseTooLong(pattern: string): void {
  if (pattern.length > MAX_PATH_PATTERN) throw new RangeError(`a pattern has at most ${MAX_PATH_PATTERN} characters`);
}

function refuseSlowPathspec(pattern: string): void {
  const magic = /^:\(([^)]*)\)/.exec(pattern);
  if (!magic?.[1]?.split(',').includes('glob')) return;
  const stars = pattern.split('**').length - 1;
  if (stars > MAX_GLOB_STARS) throw new RangeError(`a :(glob) pattern has at most ${MAX_GLOB_STARS} \`**\`, and this one has ${stars}`);
}

function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new GeneratorError(path, messageOf(error));
  }
}

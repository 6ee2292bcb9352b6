import type { SourceTree } from '@flotilla/render';
import { compilePathPattern, MatchBudget } from '@flotilla/selector';

/** Steps that matching one commit's files may take: 200,000 files by some dozens of patterns. */
const MAX_MATCH_STEPS = 50_000_000;

/**
 * Files that any pattern selects and no exclusion does, sorted, by Argo CD's "new git file globbing". A pattern that hits a
 * directory selects nothing by that, where Argo CD fails; symlinks are never followed, so none leads out of the repository.
 *
 * @throws InvalidInputError naming the pattern, or when matching takes too long
 */
export function matchFiles(tree: SourceTree, patterns: readonly string[], exclude: readonly string[]): string[] {
  const budget = new MatchBudget(MAX_MATCH_STEPS);
  const compiled = (texts: readonly string[]) => texts.map((pattern) => compilePathPattern(pattern, budget));
  const includes = compiled(patterns);
  const excludes = compiled(exclude);
  return [...tree.entries.keys()]
    .filter((path) => includes.some((matches) => matches(path)) && !excludes.some((matches) => matches(path)))
    .sort();
}

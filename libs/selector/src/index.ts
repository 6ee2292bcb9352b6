export { LabelIndex } from './label-index.js';
export { MatchBudget } from './match-budget.js';
export { compileGlob, type GlobDialect, matchesGlob } from './match-glob.js';
export { compilePathPattern, MAX_PATH_PATTERN } from './match-path.js';
export { matchesSelector } from './matches-selector.js';
export { type LabelSelector, parseLabelSelector, parseSelectorText } from './parse-selector.js';
export type { Requirement } from './requirement.js';
export { SelectorIndex } from './selector-index.js';

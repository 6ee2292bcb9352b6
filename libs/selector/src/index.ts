export { compileGlob, type GlobDialect, matchesGlob } from './match-glob.js';
export { matchesSelector } from './matches-selector.js';
export { type LabelSelector, parseLabelSelector, parseSelectorText } from './parse-selector.js';
export type { Requirement } from './requirement.js';

import type { Finding } from './search.js';

/**
 * What is wrong with what a search found; empty when nothing is. Every place that must hold a value has to be among the findings in
 * just that form, which also shows that the search sees such places; any other finding is a leak.
 */
export function judgeFindings(findings: readonly Finding[], expected: ReadonlyMap<string, string>): string[] {
  const unseen = [...expected].filter(([place, form]) => !findings.some((found) => found.place === place && found.forms.join() === form));
  const leaks = findings.filter(({ place }) => !expected.has(place));
  return [
    ...unseen.map(([place, form]) => `not found in ${place}: ${form}`),
    ...leaks.map(({ place, forms }) => `found in ${place}: ${forms.join(', ')}`),
  ];
}

/** The answer of a project rule; a refusal names the rule, for a condition, an error or a log. */
export type Verdict = { permitted: true } | { permitted: false; reason: string };

export const permitted: Verdict = { permitted: true };
export const refused = (reason: string): Verdict => ({ permitted: false, reason });

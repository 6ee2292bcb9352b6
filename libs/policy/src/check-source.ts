import type { AppProject } from '@flotilla/contracts';
import { denied, isDeny, matchesRule } from './match-rule.js';
import { permitted, refused, type Verdict } from './verdict.js';

/**
 * Whether a project may read a repository. Case and a `.git` ending do not count; `!pattern` refuses at once, and a list of
 * nothing but `!` patterns permits the rest. Source: argo-cd app_project_types.go IsSourcePermitted, as run.
 * @param aliases other addresses of the same repository: a pattern means it by any of them
 */
export function checkSource(project: AppProject, repoURL: string, aliases: readonly string[] = []): Verdict {
  const rules = project.spec.sourceRepos ?? [];
  const urls = [repoURL, ...aliases].map(normaliseRepository);
  const isMeant = (pattern: string): boolean => urls.some((url) => matchesRule(normaliseRepository(pattern), url));
  const deny = rules.find((rule) => isDeny(rule) && isMeant(denied(rule)));
  const name = project.metadata.name;
  if (deny) return refused(`repository ${repoURL} is refused by ${JSON.stringify(deny)} in spec.sourceRepos of AppProject ${name}`);
  const allows = rules.filter((rule) => !isDeny(rule));
  if (allows.some(isMeant)) return permitted;
  if (allows.length === 0 && rules.length > 0) return permitted;
  return refused(`repository ${repoURL} is not permitted: no entry of spec.sourceRepos of AppProject ${name} matches it`);
}

/** One spelling per repository: lower case, no `.git`, no trailing slash, `git@host:path` as `ssh://git@host/path`. */
export function normaliseRepository(repoURL: string): string {
  if (repoURL === '*') return repoURL;
  const lower = repoURL.trim().toLowerCase();
  const scp = /^([^/@\s]+@)([^/:\s]+):(?!\/)(.*)$/.exec(lower);
  const url = scp && !lower.includes('://') ? `ssh://${scp[1]}${scp[2]}/${scp[3]}` : lower;
  return url.replace(/\/+$/, '').replace(/\.git$/, '');
}

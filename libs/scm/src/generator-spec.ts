import { closestWord, isObject } from '@flotilla/kernel';
import { z } from 'zod';
import { pullRequestFilterSchema } from './filter/pull-request-filter.js';
import { repositoryFilterSchema } from './filter/repository-filter.js';
import type { PullRequestSource, RepositorySource } from './providers/provider.js';
import { SCM_PROVIDERS, UNSUPPORTED_SCM_PROVIDERS } from './providers/registry.js';
import { ScmSpecError } from './scm.errors.js';

/** What both generators have beside their host; read by the generators library. */
const AROUND = ['requeueAfterSeconds', 'template', 'values'] as const;

const scmProviderSchema = z.object({
  filters: z.array(repositoryFilterSchema).nullish(),
  cloneProtocol: z.enum(['', 'ssh', 'https']).nullish(),
});
const pullRequestSchema = z.object({
  filters: z.array(pullRequestFilterSchema).nullish(),
  continueOnRepoNotFoundError: z.boolean().nullish(),
});

export type ScmProviderSpec = z.infer<typeof scmProviderSchema> & { source: RepositorySource<unknown>; host: unknown };
export type PullRequestSpec = z.infer<typeof pullRequestSchema> & { source: PullRequestSource<unknown>; host: unknown };

/** The value of `scmProvider`, its tags already filled. @throws ScmSpecError that names the field */
export function readScmProvider(value: unknown): ScmProviderSpec {
  const spec = parse(scmProviderSchema, value, 'scmProvider');
  const sources = SCM_PROVIDERS.map(({ repositories }) => repositories);
  return { ...spec, ...hostOf(value, sources, Object.keys(scmProviderSchema.shape), 'scmProvider') };
}

/** The value of `pullRequest`, its tags already filled. @throws ScmSpecError that names the field */
export function readPullRequest(value: unknown): PullRequestSpec {
  const spec = parse(pullRequestSchema, value, 'pullRequest');
  const sources = SCM_PROVIDERS.map(({ pullRequests }) => pullRequests);
  return { ...spec, ...hostOf(value, sources, Object.keys(pullRequestSchema.shape), 'pullRequest') };
}

function hostOf<Source extends { key: string; schema: z.ZodType<unknown> }>(
  value: unknown,
  sources: readonly Source[],
  fields: readonly string[],
  generator: string,
): { source: Source; host: unknown } {
  const keys = isObject(value) ? Object.keys(value).filter((key) => value[key] !== null) : [];
  const known = sources.map(({ key }) => key);
  for (const key of keys) {
    if (known.includes(key) || fields.includes(key) || (AROUND as readonly string[]).includes(key)) continue;
    const why = UNSUPPORTED_SCM_PROVIDERS.includes(key) ? 'is a Git host that is not supported' : 'is not a field of it';
    const guess = closestWord(key, [...known, ...fields]);
    throw new ScmSpecError(`${generator}.${key} ${why}; hosts are ${known.join(', ')}${guess ? ` (did you mean ${guess}?)` : ''}`, {
      field: key,
    });
  }
  const named = sources.filter(({ key }) => keys.includes(key));
  const [source] = named;
  if (!source || named.length > 1) {
    throw new ScmSpecError(
      `${generator} names ${named.length === 0 ? 'no Git host' : 'more than one Git host'}; name one of ${known.join(', ')}`,
    );
  }
  return { source, host: parse(source.schema, withoutNulls((value as Record<string, unknown>)[source.key]), `${generator}.${source.key}`) };
}

function parse<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = [path, ...issue.path.map(String)].join('.');
  throw new ScmSpecError(`${field}: ${issue.message}`, { field });
}

/** `tokenRef:` without a value is null in YAML and dropped by Kubernetes. */
function withoutNulls(value: unknown): unknown {
  return isObject(value) ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) : value;
}

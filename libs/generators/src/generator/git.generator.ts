import { messageOf } from '@flotilla/kernel';
import { compileGlob } from '@flotilla/selector';
import { z } from 'zod';
import { fileParams } from '../params/git-file-params.js';
import { pathParams, pathTree } from '../params/git-path-params.js';
import { type ParamSet, paramSet } from '../params/params.js';
import { valuesSchema, withValues } from '../params/values.js';
import { defineGenerator, type GeneratorContext, noInputs, type RepositoryFile } from './generator.js';
import { GeneratorError } from './generators.errors.js';

const paths = z
  .array(z.object({ path: z.string(), exclude: z.boolean().optional() }))
  .nullable()
  .optional();
const schema = z.object({
  repoURL: z.string().min(1),
  revision: z.string().optional(),
  directories: paths,
  files: paths,
  pathParamPrefix: z.string().optional(),
  values: valuesSchema,
  /** Read by the trigger, not by the expansion: our commits arrive as keys. */
  requeueAfterSeconds: z.number().optional(),
  template: z.unknown().optional(),
});
type GitSpec = z.infer<typeof schema>;

/**
 * Directories or files of a repository, in path order. Sources: argo-cd applicationset/generators/git.go and the
 * repo-server's GetGitDirectories.
 */
export const gitGenerator = defineGenerator<GitSpec>({
  key: 'git',
  schema,
  inputs: (spec) => ({ ...noInputs, repositories: [{ repoURL: spec.repoURL, revision: spec.revision ?? '' }] }),
  generate: async (spec, context) => {
    const directories = spec.directories ?? [];
    const files = spec.files ?? [];
    if (directories.length > 0) return fromDirectories(spec, directories, context);
    if (files.length > 0) return fromFiles(spec, files, context);
    throw new GeneratorError(context.path, 'one of `directories` and `files` must list a path');
  },
});

type PathEntry = { path: string; exclude?: boolean };

/** A directory counts when a pattern includes it and none excludes it, in whatever order they stand. */
async function fromDirectories(spec: GitSpec, entries: readonly PathEntry[], context: GeneratorContext): Promise<ParamSet[]> {
  const matchers = entries.map(({ path, exclude }, i) => ({
    exclude,
    matches: readPattern(path, `${context.path}.directories[${i}].path`),
  }));
  const all = await context.ports.directories(spec.repoURL, spec.revision ?? '');
  const chosen = all
    .filter((directory) => !directory.split('/').some((segment) => segment.startsWith('.')))
    .filter((directory) => {
      const hits = matchers.filter(({ matches }) => matches(directory));
      return hits.length > 0 && !hits.some(({ exclude }) => exclude);
    })
    .sort();
  if (chosen.length === 0) context.warn(`${context.path}: no directory matches ${included(entries).join(', ')}`);
  return chosen.map((directory) => {
    const params = context.mode.isGo ? pathTree(directory, spec.pathParamPrefix) : pathParams(directory, spec.pathParamPrefix);
    return paramSet(withValues(params, spec.values, context), { generator: context.path, file: directory });
  });
}

async function fromFiles(spec: GitSpec, entries: readonly PathEntry[], context: GeneratorContext): Promise<ParamSet[]> {
  const exclude = entries.filter((entry) => entry.exclude).map(({ path }) => path);
  const files = await context.ports.files(spec.repoURL, spec.revision ?? '', included(entries), exclude);
  if (files.length === 0) context.warn(`${context.path}: no file matches ${included(entries).join(', ')}`);
  const sorted: RepositoryFile[] = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return sorted.flatMap((file) =>
    fileParams(file, spec.pathParamPrefix, context).map((params, i, all) => {
      const origin = { generator: context.path, file: file.path };
      return paramSet(withValues(params, spec.values, context), all.length > 1 ? { ...origin, element: i } : origin);
    }),
  );
}

const included = (entries: readonly PathEntry[]): string[] => entries.filter(({ exclude }) => !exclude).map(({ path }) => path);

function readPattern(pattern: string, path: string): (text: string) => boolean {
  try {
    return compileGlob(pattern, { separator: '/' });
  } catch (error) {
    throw new GeneratorError(path, messageOf(error));
  }
}

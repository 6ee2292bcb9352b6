import { z } from 'zod';
import { fileParams } from '../params/git-file-params.js';
import { pathParams, pathTree } from '../params/git-path-params.js';
import { type ParamSet, paramSet } from '../params/params.js';
import { valuesSchema, withValues } from '../params/values.js';
import { checkFilePatterns, type PathEntry, readDirectoryPatterns } from '../selection/git-patterns.js';
import { defineGenerator, type GeneratorContext, MAX_PARAM_SETS, noInputs, type RepositoryFile } from './generator.js';
import { GeneratorError, GeneratorForbiddenError } from './generators.errors.js';

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
  /** Without effect: our commits arrive as keys. */
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
    const refusal = context.ports.scope?.refuseRepository(spec.repoURL);
    if (refusal !== undefined) throw new GeneratorForbiddenError(context.path, refusal, { repoURL: spec.repoURL });
    warnOfHaste(spec.requeueAfterSeconds, context);
    const directories = spec.directories ?? [];
    const files = spec.files ?? [];
    if (directories.length > 0) return fromDirectories(spec, directories, context);
    if (files.length > 0) return fromFiles(spec, files, context);
    throw new GeneratorError(context.path, 'one of `directories` and `files` must list a path');
  },
});

/** Argo CD asks a repository for each generator anew; whoever asks for the default loses nothing by our asking once for all. */
const DEFAULT_REQUEUE_SECONDS = 180;

function warnOfHaste(seconds: number | undefined, { path, warn }: GeneratorContext): void {
  if (!seconds || seconds >= DEFAULT_REQUEUE_SECONDS) return;
  warn(
    `${path}.requeueAfterSeconds has no effect: a push announces itself by webhook, else the repository is asked once for all sets, every FLOTILLA_GIT_POLL_INTERVAL`,
  );
}

/** A directory counts when a pattern includes it and none excludes it, in whatever order they stand. */
async function fromDirectories(spec: GitSpec, entries: readonly PathEntry[], context: GeneratorContext): Promise<ParamSet[]> {
  const isChosen = readDirectoryPatterns(entries, `${context.path}.directories`);
  const all = await context.ports.directories(spec.repoURL, spec.revision ?? '');
  const chosen = all
    .filter((directory) => !directory.split('/').some((segment) => segment.startsWith('.')))
    .filter(isChosen)
    .sort();
  if (chosen.length === 0) context.warn(`${context.path}: no directory matches ${included(entries).join(', ')}`);
  return chosen.map((directory) => {
    refuseUnreadableName(directory, context.path);
    const params = context.mode.isGo ? pathTree(directory, spec.pathParamPrefix) : pathParams(directory, spec.pathParamPrefix);
    return paramSet(withValues(params, spec.values, context), { generator: context.path, file: directory });
  });
}

async function fromFiles(spec: GitSpec, entries: readonly PathEntry[], context: GeneratorContext): Promise<ParamSet[]> {
  checkFilePatterns(entries, context.ports.fileGlobs ?? 'pathspec', `${context.path}.files`);
  const exclude = entries.filter((entry) => entry.exclude).map(({ path }) => path);
  const files = await context.ports.files(spec.repoURL, spec.revision ?? '', included(entries), exclude);
  if (files.length === 0) context.warn(`${context.path}: no file matches ${included(entries).join(', ')}`);
  const sorted: RepositoryFile[] = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const sets: ParamSet[] = [];
  let read = 0;
  for (const file of sorted) {
    refuseUnreadableName(file.path, context.path);
    const elements = fileParams(file, spec.pathParamPrefix, context);
    const origin = { generator: context.path, file: file.path };
    for (const [i, params] of elements.entries()) {
      sets.push(paramSet(withValues(params, spec.values, context), elements.length > 1 ? { ...origin, element: i } : origin));
    }
    if (sets.length > MAX_PARAM_SETS) throw new GeneratorError(context.path, `more than ${MAX_PARAM_SETS} parameter sets`);
    read += file.text.length;
    if (read > TEXT_PER_TURN) read = await nextTurn();
  }
  return sets;
}

/** Other sets get a turn after so many characters of files. */
const TEXT_PER_TURN = 1024 * 1024;
const nextTurn = (): Promise<number> => new Promise((resolve) => setImmediate(() => resolve(0)));

const included = (entries: readonly PathEntry[]): string[] => entries.filter(({ exclude }) => !exclude).map(({ path }) => path);

/** Git names files by bytes; whoever reads them as text puts U+FFFD for what is none, and two names may become one. */
function refuseUnreadableName(path: string, generator: string): void {
  if (!path.includes('\ufffd')) return;
  throw new GeneratorError(generator, `the name ${JSON.stringify(path)} is not UTF-8; rename it, or leave it out by \`exclude\``, {
    file: path,
  });
}

import { InvalidInputError } from '@flotilla/kernel';
import type { Command } from 'commander';
import { type CliContext, place } from '../context.js';

/** What commands about a set read: a stored one by name, files for the hub, or files without a hub. */
export interface SetOptions {
  file?: string[];
  clusters?: string[];
  repo?: string[];
  newGitFileGlobbing?: boolean;
  offline?: boolean;
}

const collect = (value: string, previous: string[] = []): string[] => [...previous, value];

export function setArguments(command: Command): Command {
  return command
    .option(
      '-f, --file <file>',
      'manifests with sets, offline also with AppProjects and the ConfigMap flotilla-guard; a directory of them, or -; repeatable',
      collect,
    )
    .option('--clusters <path>', 'offline: cluster Secrets or Cluster documents, a file or directory; repeatable', collect)
    .option('--repo <url=dir>', 'offline: a Git repository on this machine for its URL; repeatable', collect)
    .option('--new-git-file-globbing', "offline: `*` in paths of files stays in its directory, as Argo CD's new git file globbing has it")
    .option('--offline', 'ask no hub, also when a set needs neither clusters nor repositories');
}

/** `--existing`, for the commands that compare. */
export function existingArgument(command: Command): Command {
  return command.option(
    '--existing <path>',
    'offline: Applications as kubectl or argocd write them, a file or directory; repeatable',
    collect,
  );
}

export const repeatable = collect;

/** What the hub is asked about: a stored set, or nothing, as files say it. @throws InvalidInputError for both or neither */
export function storedSet(name: string | undefined, { file }: SetOptions): { namespace: string; name: string } | undefined {
  if ((name === undefined) === (file === undefined)) throw new InvalidInputError('give either NAME or -f FILE');
  return name === undefined ? undefined : place(name);
}

export const isOffline = ({ offline, clusters, repo, newGitFileGlobbing }: SetOptions): boolean =>
  Boolean(offline || clusters || repo || newGitFileGlobbing);

/** @throws InvalidInputError without a file, or for the name of a stored set */
export function offlineOptions<T extends SetOptions>(
  options: T,
  { env }: CliContext,
  { doing, name }: { doing: string; name: string | undefined },
): T & { file: string[]; env: CliContext['env'] } {
  if (!options.file) throw new InvalidInputError(`${doing} offline needs -f FILE`);
  if (name !== undefined) throw new InvalidInputError(`${doing} offline takes the sets of -f FILE; only the hub knows ${name}`);
  return { ...options, file: options.file, env };
}

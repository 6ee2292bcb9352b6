import type { ResolveReply, ResolveRequest } from '@flotilla/contracts';
import { FlotillaError } from '@flotilla/kernel';
import type { Repositories } from './repositories.js';
import type { Resolved } from './repository.js';
import { toVerbError } from './verb-error.js';

/** Verb `resolve`: each repository is asked once for all its refs; a failure touches its own refs only. */
export async function resolveRefs(repositories: Repositories, { refs, fetch }: ResolveRequest): Promise<ResolveReply> {
  const byRepository = new Map<string, Set<string>>();
  for (const { repoURL, ref } of refs) byRepository.set(repoURL, (byRepository.get(repoURL) ?? new Set()).add(ref));
  const resolved = new Map<string, Map<string, Resolved> | FlotillaError>();
  await Promise.all(
    [...byRepository].map(async ([repoURL, names]) => {
      resolved.set(repoURL, await resolveOne(repositories, repoURL, [...names], fetch ?? false));
    }),
  );
  return {
    refs: refs.map(({ repoURL, ref }) => {
      const answers = resolved.get(repoURL)!;
      const answer = answers instanceof FlotillaError ? { error: answers } : answers.get(ref)!;
      return 'commit' in answer ? { repoURL, ref, commit: answer.commit } : { repoURL, ref, error: toVerbError(answer.error) };
    }),
  };
}

async function resolveOne(
  repositories: Repositories,
  repoURL: string,
  refs: string[],
  fetch: boolean,
): Promise<Map<string, Resolved> | FlotillaError> {
  try {
    const repository = repositories.at(repoURL);
    return await (fetch ? repository.refresh(refs) : repository.resolve(refs));
  } catch (error) {
    if (error instanceof FlotillaError) return error;
    throw error;
  }
}

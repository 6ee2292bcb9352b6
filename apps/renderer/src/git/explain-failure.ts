import type { FlotillaError } from '@flotilla/kernel';
import type { ProcessResult } from '@flotilla/sandbox';
import {
  GitUnavailableError,
  RefMissingError,
  RepositoryLoginError,
  RepositoryMissingError,
  RepositoryRedirectError,
  RepositoryTooLargeError,
  RepositoryTrustError,
} from './git.errors.js';

type Explain = (repository: string, said: string) => FlotillaError;

const LOGIN_REMEDY = 'add or correct the Secret labelled argocd.argoproj.io/secret-type: repository (or repo-creds) for this address';

/**
 * What git's words (LC_ALL=C) mean, the first that fits. An index-pack that met the file size limit (signal 25) says nothing
 * itself; one that met a broken pack says so before fetch-pack complains.
 */
const MEANINGS: readonly [RegExp, Explain][] = [
  [
    /host key verification failed|no .* host key is known/i,
    (r) => new RepositoryTrustError(`the host key of ${r} is not known; add it to ConfigMap argocd-ssh-known-hosts-cm`, { repository: r }),
  ],
  [
    /SSL certificate problem|certificate verification failed|unable to get local issuer|self.signed certificate|server certificate/i,
    (r, s) =>
      new RepositoryTrustError(`the certificate of ${r} is not trusted (${s}); add its authority to ConfigMap argocd-tls-certs-cm`, {
        repository: r,
      }),
  ],
  [
    /unable to update url base from redirection|redirect|returned error: 30\d/i,
    (r) =>
      new RepositoryRedirectError(`${r} answers with a redirect, which is not followed; use the address it leads to`, { repository: r }),
  ],
  [
    /authentication failed|could not read (username|password)|returned error: 40[13]|permission denied|terminal prompts disabled|invalid credentials/i,
    (r) => new RepositoryLoginError(`${r} refuses the login, or asks for one that is not configured; ${LOGIN_REMEDY}`, { repository: r }),
  ],
  [
    /repository .*not found|returned error: 404|not appear to be a git repository|no such repository|repository does not exist/i,
    (r) =>
      new RepositoryMissingError(
        `${r} does not exist, or is hidden from the configured login; check spec.source.repoURL, else ${LOGIN_REMEDY}`,
        { repository: r },
      ),
  ],
  [
    /couldn't find remote ref|not our ref|unadvertised object|no such remote ref/i,
    (r) => new RefMissingError(`${r} has no such branch, tag or commit`, { repository: r }),
  ],
  [
    /died of signal 25|file size limit|file too large|no space left|exceeds maximum allowed size|^fatal: fetch-pack: invalid index-pack output$/i,
    (r) => new RepositoryTooLargeError(`${r} is larger than the hub takes in`, { repository: r }),
  ],
];

/** Characters of git's own words that are kept. */
const MAX_SAID = 500;

/** A typed error for a failed call that talked to a server, with every secret taken out of git's words. */
export function explainFailure(repository: string, result: ProcessResult, secrets: readonly string[]): FlotillaError {
  if (result.end === 'wall' || result.end === 'aborted')
    return new GitUnavailableError(`${repository} did not answer in time`, { repository });
  if (result.end === 'missing') return new GitUnavailableError('git is not installed on the hub', { repository });
  if (result.end === 'output') return new RepositoryTooLargeError(`${repository} has more refs than the hub reads`, { repository });
  const said = withoutSecrets(result.stderr, secrets);
  for (const [words, explain] of MEANINGS) if (words.test(said.trim())) return explain(repository, lastLine(said));
  // SIGXFSZ has no words of its own.
  if (result.code === null)
    return new RepositoryTooLargeError(`${repository} could not be taken in: a limit of size or time ended git`, { repository });
  return new GitUnavailableError(`${repository} could not be fetched: ${lastLine(said)}`, { repository });
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => (secret.length > 0 ? shown.replaceAll(secret, '***') : shown), text);
}

function lastLine(text: string): string {
  const lines = text
    .trim()
    .split('\n')
    .filter((line) => /^(fatal|error|remote|ssh)/.test(line));
  return (lines.find((line) => line.startsWith('fatal')) ?? lines.at(-1) ?? text.trim().slice(-MAX_SAID)).slice(0, MAX_SAID);
}

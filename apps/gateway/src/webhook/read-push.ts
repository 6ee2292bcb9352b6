import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ForbiddenError, InvalidInputError, isObject } from '@flotilla/kernel';

/** A push somebody tells of: only a hint to fetch, never a fact. */
export interface Push {
  /** Every URL the sender knows the repository by. */
  repoURLs: string[];
}

/** Shared secrets by sender, as Argo CD keeps them (`webhook.github.secret`, ...); while none is set nobody is checked, else who has none is refused. */
export interface WebhookSecrets {
  github?: string;
  gitlab?: string;
  gitea?: string;
  bitbucket?: string;
}

/** Names looked at in a payload; longer lists are cut. */
const MAX_URLS = 10;

/**
 * Reads a push event of GitHub, Gitea, Forgejo, Gogs, GitLab or Bitbucket; undefined for any other event.
 * @throws ForbiddenError when the sender's secret is set and the signature does not fit
 */
export function readPush(headers: IncomingHttpHeaders, body: Buffer, secrets: WebhookSecrets): Push | undefined {
  checkSender(headers, body, secrets);
  const event = text(
    headers['x-github-event'] ?? headers['x-gitea-event'] ?? headers['x-gogs-event'] ?? headers['x-gitlab-event'] ?? headers['x-event-key'],
  );
  if (event !== undefined && !/push/i.test(event)) return undefined;
  let payload: unknown;
  try {
    payload = JSON.parse(body.toString('utf8'));
  } catch {
    throw new InvalidInputError('the webhook body is not JSON');
  }
  if (!isObject(payload)) throw new InvalidInputError('the webhook body is not a JSON object');
  const repository = isObject(payload.repository) ? payload.repository : isObject(payload.project) ? payload.project : {};
  const repoURLs = urlsOf(repository).slice(0, MAX_URLS);
  return repoURLs.length === 0 ? undefined : { repoURLs };
}

function urlsOf(repository: Record<string, unknown>): string[] {
  const fields = ['clone_url', 'ssh_url', 'git_url', 'html_url', 'git_http_url', 'git_ssh_url', 'web_url', 'url', 'repoURL'];
  const links = isObject(repository.links) ? repository.links : {};
  const html = isObject(links.html) ? links.html.href : undefined;
  const urls = [...fields.map((field) => repository[field]), html].filter(
    (url): url is string => typeof url === 'string' && url.length < 1_000,
  );
  return [...new Set(urls)];
}

function checkSender(headers: IncomingHttpHeaders, body: Buffer, secrets: WebhookSecrets): void {
  const isChecked = Object.values(secrets).some((secret) => secret !== undefined && secret !== '');
  const hmac = (secret: string): string => createHmac('sha256', secret).update(body).digest('hex');
  const github = text(headers['x-hub-signature-256'])?.replace(/^sha256=/, '');
  const gitea = text(headers['x-gitea-signature'] ?? headers['x-gogs-signature']);
  if (headers['x-gitlab-event'] && secrets.gitlab) demand(equal(text(headers['x-gitlab-token']), secrets.gitlab), 'GitLab');
  else if (gitea !== undefined && secrets.gitea) demand(equal(gitea, hmac(secrets.gitea)), 'Gitea');
  else if (headers['x-event-key'] && secrets.bitbucket)
    demand(equal(text(headers['x-hub-signature'])?.replace(/^sha256=/, ''), hmac(secrets.bitbucket)), 'Bitbucket');
  else if (secrets.github && !headers['x-gitlab-event'] && gitea === undefined && !headers['x-event-key'])
    demand(equal(github, hmac(secrets.github)), 'GitHub');
  // Else whoever names another sender would get past the secret that is set.
  else if (isChecked) throw new ForbiddenError('webhooks are signed here, and no secret is configured for this sender');
}

function demand(isTrue: boolean, sender: string): void {
  if (!isTrue) throw new ForbiddenError(`the signature of this ${sender} webhook does not fit the configured secret`);
}

function equal(given: string | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

import type { OutboundResponse } from '@flotilla/http';
import { isObject } from '@flotilla/kernel';
import { readRetryAfter } from './call-provider.js';
import { ChannelError, type ChannelFailure } from './channel.errors.js';

const TOKEN = 'put a valid bot token into argocd-notifications-secret';
/** Errors of chat.postMessage and chat.update that the same call gets again, with what helps; from Slack's method pages. */
const LASTING: Readonly<Record<string, string>> = {
  channel_not_found: 'use the name or id of a channel the app can see; a private channel must have invited it',
  not_in_channel: 'invite the app into the channel, or give it the scope chat:write.public',
  is_archived: 'the channel is archived; subscribe another one',
  channel_is_archived: 'the channel is archived; subscribe another one',
  channel_type_not_supported: 'subscribe a channel',
  invalid_auth: TOKEN,
  not_authed: TOKEN,
  account_inactive: TOKEN,
  token_revoked: TOKEN,
  token_expired: TOKEN,
  no_permission: 'give the app the scope chat:write',
  missing_scope: 'give the app the scope chat:write, and chat:write.customize for a username or icon',
  access_denied: 'ask the administrators of the workspace',
  restricted_action: 'a preference of the workspace keeps the app from posting here',
  ekm_access_denied: 'ask the administrators of the workspace',
  team_access_not_granted: 'install the app in this workspace',
  thread_locked: 'unlock the thread',
  no_text: 'let the template render a message',
  msg_too_long: 'shorten the message',
  msg_blocks_too_long: 'shorten the blocks',
  attachment_payload_limit_exceeded: 'shorten the attachments',
  too_many_attachments: 'send fewer attachments',
  invalid_blocks: "correct the template's blocks",
  invalid_blocks_format: "correct the template's blocks",
  invalid_attachments: "correct the template's attachments",
  invalid_arguments: 'correct the template',
  invalid_payload: 'correct the template',
  no_service: 'the webhook was removed; create a new one',
  no_service_id: "the webhook's address is not complete",
  no_team: "the webhook's workspace is gone",
  action_prohibited: 'the workspace keeps this webhook from posting',
  posting_to_general_channel_denied: 'subscribe another channel',
};
const RATE_LIMITS = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded', 'rate_limit_exceeded']);
const DEFAULT_WAIT_MS = 30_000;

/** A Web API error by its name; channels react to some of them. */
export class SlackError extends ChannelError {
  readonly slackError: string;

  constructor(message: string, failure: ChannelFailure, slackError: string) {
    super(message, failure);
    this.slackError = slackError;
  }
}

/**
 * Reads an answer of the Web API, which says `ok: false` with status 200.
 * @throws SlackError that repeats of Slack's words only the error's name and where in the message it points
 */
export function readSlackAnswer(to: string, response: OutboundResponse, now: Date): Readonly<Record<string, unknown>> {
  const answer = parse(response.body);
  if (response.status === 200 && answer?.ok === true) return answer;
  if (response.status !== 429 && (answer === undefined || typeof answer.error !== 'string')) {
    throw new SlackError(
      `${to}: ${new URL(response.url).origin} answers ${response.status} and nothing a Slack Web API would say; check apiURL`,
      { code: 'slack-unavailable', retry: 'later' },
      '',
    );
  }
  throw slackError(to, nameOf(answer?.error), response, now, pointers(answer));
}

export function slackError(to: string, name: string, response: OutboundResponse, now: Date, places = ''): SlackError {
  const code = `slack-${name.replaceAll('_', '-')}`;
  if (response.status === 429 || RATE_LIMITS.has(name)) {
    const retryAfterMs = readRetryAfter(response.headers['retry-after'], now) ?? DEFAULT_WAIT_MS;
    const failure = { code: 'slack-rate-limited', retry: 'later', retryAfterMs, isProviderDown: false } as const;
    return new SlackError(`${to}: Slack limits the rate and asks to wait ${Math.ceil(retryAfterMs / 1000)} s`, failure, name);
  }
  const remedy = LASTING[name] ?? (name.startsWith('restricted_action') ? LASTING.restricted_action : undefined);
  if (remedy !== undefined) return new SlackError(`${to}: Slack refuses: ${name}${places}; ${remedy}`, { code, retry: 'never' }, name);
  const isProviderDown = response.status >= 500 || /^(internal_error|fatal_error|service_unavailable|request_timeout)$/.test(name);
  return new SlackError(`${to}: Slack answers ${response.status}: ${name}${places}`, { code, retry: 'later', isProviderDown }, name);
}

/** Only names in Slack's form are repeated; a proxy's text or an echo of the request is not. */
export function nameOf(error: unknown): string {
  return typeof error === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(error) ? error : 'unknown_error';
}

function pointers(answer: Readonly<Record<string, unknown>> | undefined): string {
  const metadata = isObject(answer?.response_metadata) ? answer.response_metadata.messages : undefined;
  const found = (Array.isArray(metadata) ? metadata : [])
    .map((text) => /\[json-pointer:(\/[a-z0-9/_]{1,80})\]/.exec(String(text))?.[1])
    .filter((pointer) => pointer !== undefined);
  return found.length > 0 ? ` at ${found.slice(0, 3).join(', ')}` : '';
}

function parse(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    return isObject(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

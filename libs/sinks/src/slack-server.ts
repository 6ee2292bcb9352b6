import { isObject } from '@flotilla/kernel';
import { checkSlackContent } from './check-slack-content.js';
import { type HttpFaults, type HttpSinkOptions, type SinkAnswer, type SinkRequest, serveHttp } from './serve-http.js';
import { refuse, type SlackAnswer, type SlackChannel, type SlackMessage, SlackWorkspace } from './slack-workspace.js';

const WEBHOOK_PATH = '/services/T00000000/B00000000/';

export interface SlackFaults extends HttpFaults {
  /** Web API methods answer `ok: false` with this error. */
  error?: string;
}

export interface SlackServerOptions extends HttpSinkOptions {
  token: string;
  channels: readonly SlackChannel[];
  /** Default: `chat:write` and `chat:write.customize`. */
  scopes?: readonly string[];
  /** Last part of the incoming webhook's address; its messages go to the first channel. */
  webhookSecret?: string;
  faults?: SlackFaults;
}

export interface SlackServer {
  /** Base address of the Web API, for `apiURL`. */
  apiUrl: string;
  webhookUrl: string;
  messages: readonly SlackMessage[];
  requests: readonly SinkRequest[];
  close(): Promise<void>;
}

/**
 * A workspace on loopback: `chat.postMessage`, `chat.update` and `auth.test` of the Web API, and an incoming webhook, which check
 * what they are sent as Slack's public pages say.
 */
export async function startSlackServer(options: SlackServerOptions): Promise<SlackServer> {
  const { token, channels, scopes = ['chat:write', 'chat:write.customize'], webhookSecret = 'webhook-secret', faults = {} } = options;
  const workspace = new SlackWorkspace(channels, scopes);
  const webhookPath = `${WEBHOOK_PATH}${webhookSecret}`;
  const server = await serveHttp(options, (request) => {
    if (request.path.startsWith('/services/')) return answerWebhook(request, webhookPath, workspace, channels);
    return webApi(request.method === 'POST' ? answerMethod(request, { token, faults, workspace }) : refuse('method_not_supported'));
  });
  return {
    apiUrl: `${server.origin}/api/`,
    webhookUrl: `${server.origin}${webhookPath}`,
    messages: workspace.messages,
    requests: server.requests,
    close: server.close,
  };
}

interface Api {
  token: string;
  faults: SlackFaults;
  workspace: SlackWorkspace;
}

function answerMethod({ path, headers, body }: SinkRequest, { token, faults, workspace }: Api): SlackAnswer {
  const method = path.replace(/^\/api\//, '');
  if (headers.authorization === undefined) return refuse('not_authed');
  if (headers.authorization !== `Bearer ${token}`) return refuse('invalid_auth');
  if (faults.error !== undefined) return refuse(faults.error);
  if (method === 'auth.test') return { ok: true, team: 'Fleet', user: 'flotilla' };
  if (!/^application\/json(;\s*charset=utf-8)?$/i.test(headers['content-type'] ?? '')) return refuse('invalid_post_type');
  const fields = parse(body);
  if (fields === undefined) return refuse('invalid_json');
  if (!isObject(fields)) return refuse('json_not_object');
  if (method === 'chat.postMessage') return workspace.post(fields);
  if (method === 'chat.update') return workspace.update(fields);
  return refuse('unknown_method');
}

/** Errors of the Web API come with status 200. */
function webApi(answer: SlackAnswer): SinkAnswer {
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(answer) };
}

function answerWebhook(
  request: SinkRequest,
  expectedPath: string,
  workspace: SlackWorkspace,
  [channel]: readonly SlackChannel[],
): SinkAnswer {
  const fields = parse(request.body);
  if (request.path !== expectedPath) return { status: 404, body: 'no_service' };
  if (!isObject(fields)) return { status: 400, body: 'invalid_payload' };
  const wrong = checkSlackContent(fields);
  if (wrong) return { status: 400, body: wrong.error };
  const answer = workspace.post({ ...fields, channel: channel?.id });
  if (answer.ok) return { status: 200, body: 'ok' };
  return answer.error === 'is_archived' ? { status: 410, body: 'channel_is_archived' } : { status: 404, body: 'channel_not_found' };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

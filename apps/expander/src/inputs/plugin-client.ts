import { CONTROL_NAMESPACE } from '@flotilla/contracts';
import type { Params } from '@flotilla/generators';
import type { HttpClient } from '@flotilla/http';
import { ForbiddenError, InvalidInputError, isObject, messageOf, UnavailableError } from '@flotilla/kernel';
import type { HostSecrets } from './host-secrets.js';

/** Where Argo CD keeps the ConfigMaps and Secrets of plugins. */
export const PLUGIN_NAMESPACE = CONTROL_NAMESPACE;

const DEFAULT_TIMEOUT_SECONDS = 30;
const MAX_TIMEOUT_SECONDS = 120;
const MAX_SETS = 50_000;

/**
 * Asks a generator plugin by Argo CD's protocol (argo-cd applicationset/services/plugin): POST to `baseUrl` of its ConfigMap with
 * the token that the ConfigMap refers to, `$key` of argocd-secret or `$secret:key`.
 *
 * @throws InvalidInputError, ForbiddenError, UnavailableError; an answer is whole or none
 */
export async function askPlugin(
  { http, secrets, set }: { http: HttpClient; secrets: HostSecrets; set: string },
  configMap: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Params[]> {
  const { data = {} } = await secrets.configMap(configMap);
  const base = URL.parse(data.baseUrl ?? '');
  if (!base) throw new InvalidInputError(`ConfigMap ${configMap}: data.baseUrl is no address`, { configMap });
  const { status, body } = await http.request({
    url: new URL('/api/v1/getparams.execute', base).href,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ applicationSetName: set, input: { parameters } }),
    credential: { origin: base.origin, authorization: `Bearer ${await tokenOf(data.token, configMap, secrets)}` },
    timeoutMs: readTimeout(data.requestTimeout, configMap),
  });
  if (status === 401 || status === 403) throw new ForbiddenError(`plugin ${configMap} refuses its token (${status})`, { status });
  if (status !== 200) throw new UnavailableError(`plugin ${configMap} answers ${status}`, { status });
  return readAnswer(body, configMap);
}

async function tokenOf(reference: string | undefined, configMap: string, secrets: HostSecrets): Promise<string> {
  if (!reference?.startsWith('$')) {
    throw new InvalidInputError(`ConfigMap ${configMap}: data.token must refer to a Secret, as $KEY or $SECRET:KEY`, { configMap });
  }
  const [first = '', second] = reference.slice(1).split(':');
  return second === undefined ? secrets.value('argocd-secret', first) : secrets.value(first, second);
}

function readTimeout(text: string | undefined, configMap: string): number {
  const seconds = text === undefined || text === '' ? DEFAULT_TIMEOUT_SECONDS : Number(text);
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS) return seconds * 1_000;
  throw new InvalidInputError(`ConfigMap ${configMap}: data.requestTimeout must be 1 to ${MAX_TIMEOUT_SECONDS} seconds`, { configMap });
}

function readAnswer(body: Buffer, configMap: string): Params[] {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new UnavailableError(`plugin ${configMap} answers no JSON: ${messageOf(error).slice(0, 100)}`);
  }
  const output = isObject(answer) ? answer.output : undefined;
  const sets = isObject(output) ? output.parameters : undefined;
  if (!Array.isArray(sets) || !sets.every(isObject)) {
    throw new UnavailableError(`plugin ${configMap}: output.parameters of its answer is not a list of maps`);
  }
  if (sets.length > MAX_SETS) throw new InvalidInputError(`plugin ${configMap} answers ${sets.length} sets; at most ${MAX_SETS} are taken`);
  return sets;
}

import type { ApiRegistry } from '../api/api-registry.js';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from '../discovery/discovery.view.js';
import { openApiDocument, openApiIndex } from '../discovery/openapi.view.js';
import { openApiV2 } from '../discovery/openapi-v2.view.js';
import { type ApiAnswer, type ApiRequest, jsonAnswer, textAnswer } from '../http/api-request.js';
import { negotiateDiscovery } from '../http/negotiate.js';

export interface DocumentSource {
  registry: ApiRegistry;
  gitVersion: string;
  isReady(): boolean | Promise<boolean>;
}

type Answer = (
  source: DocumentSource,
  request: ApiRequest,
  parts: readonly string[],
) => ApiAnswer | undefined | Promise<ApiAnswer | undefined>;

/** What stands outside the resources, by the first parts of the path; the longest match answers. */
const DOCUMENTS: Readonly<Record<string, Answer>> = {
  '/version': ({ gitVersion }) => jsonAnswer(200, versionInfo(gitVersion)),
  '/api': (source, request) => discovery(source, request, true),
  '/apis': (source, request) => discovery(source, request, false),
  '/openapi/v3': ({ registry }) => jsonAnswer(200, openApiIndex(registry)),
  '/openapi/v2': (_, { headers }) => openApiV2(headers.accept),
  '/healthz': () => textAnswer(200, 'ok'),
  '/livez': () => textAnswer(200, 'ok'),
  '/readyz': async ({ isReady }) => ((await isReady()) ? textAnswer(200, 'ok') : textAnswer(500, 'readyz check failed')),
};

/** Discovery, OpenAPI, version and health; anything else is `404 page not found`. */
export async function answerDocument(source: DocumentSource, request: ApiRequest): Promise<ApiAnswer> {
  const path = request.path.length > 1 ? request.path.replace(/\/+$/, '') : request.path;
  const answer = request.method === 'GET' ? ((await DOCUMENTS[path]?.(source, request, [])) ?? byParts(source, request, path)) : undefined;
  return answer ?? textAnswer(404, '404 page not found\n');
}

function byParts({ registry }: DocumentSource, request: ApiRequest, path: string): ApiAnswer | undefined {
  const parts = path.split('/').slice(1);
  if (parts[0] === 'api' && parts.length === 2) return found(apiResourceList(registry, '', parts[1]!));
  if (parts[0] === 'apis' && parts.length === 2) return found(apiGroup(registry, parts[1]!));
  if (parts[0] === 'apis' && parts.length === 3) return found(apiResourceList(registry, parts[1]!, parts[2]!));
  if (parts[0] !== 'openapi' || parts[1] !== 'v3') return undefined;
  if (parts[2] === 'api' && parts.length === 4) return openApi(registry, request, '', parts[3]!);
  if (parts[2] === 'apis' && parts.length === 5) return openApi(registry, request, parts[3]!, parts[4]!);
  return undefined;
}

function found(document: Record<string, unknown> | undefined): ApiAnswer | undefined {
  return document && jsonAnswer(200, document);
}

function discovery({ registry }: DocumentSource, request: ApiRequest, isCore: boolean): ApiAnswer {
  const version = negotiateDiscovery(request.headers.accept);
  if (!version) return jsonAnswer(200, isCore ? apiVersions(registry) : apiGroupList(registry));
  const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
  const answer = textAnswer(200, JSON.stringify(aggregatedDiscovery(registry, isCore, version)), type);
  answer.headers.vary = 'Accept';
  return answer;
}

/** A document asked for by its hash never changes under that address; clients may keep it. */
function openApi(registry: ApiRegistry, request: ApiRequest, group: string, version: string): ApiAnswer | undefined {
  const document = openApiDocument(registry, group, version);
  if (!document) return undefined;
  const etag = `"${document.hash}"`;
  if (request.headers['if-none-match'] === etag) return { status: 304, headers: { etag } };
  const answer = textAnswer(200, document.text, 'application/json');
  answer.headers.etag = etag;
  if (request.query.get('hash') === document.hash) answer.headers['cache-control'] = 'public, max-age=31536000, immutable';
  return answer;
}

function versionInfo(gitVersion: string): Record<string, string> {
  const [, major = '1', minor = '0'] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}

import { type ApplyResult, apiVersionOf, CONTROL_NAMESPACE, kindDefinition, type ResourceDocument } from '@flotilla/contracts';
import { InvalidInputError, isObject } from '@flotilla/kernel';
import type { ApiAnswer, KubeApiServer, KubeStatus, RequestUser } from '@flotilla/kubeapi';
import { parseYaml } from '@flotilla/yaml';

type Item = ApplyResult['items'][number];

const MANAGER = 'flotilla-cli';
const MAX_DOCUMENTS = 1_000;

/** Applies a YAML text document by document, as `kubectl apply --server-side` would; one that is refused does not stop the others. */
export async function applyDocuments(
  api: KubeApiServer,
  text: string,
  options: { file?: string; dryRun?: boolean; user: RequestUser; signal: AbortSignal },
): Promise<ApplyResult> {
  const documents = parseYaml(text, { file: options.file, maxDocuments: MAX_DOCUMENTS }).flatMap(unpackList);
  if (documents.length === 0) throw new InvalidInputError(`${options.file ?? 'the text'} holds no document`);
  const items: Item[] = [];
  for (const document of documents) items.push(await applyOne(api, document, options));
  return { items };
}

function unpackList(document: unknown): unknown[] {
  if (document === null || document === undefined) return [];
  return isObject(document) && document.kind === 'List' && Array.isArray(document.items) ? document.items : [document];
}

async function applyOne(
  api: KubeApiServer,
  document: unknown,
  options: { dryRun?: boolean; user: RequestUser; signal: AbortSignal },
): Promise<Item> {
  const { kind, metadata } = (isObject(document) ? document : {}) as Partial<ResourceDocument>;
  const item = {
    kind: String(kind ?? 'unknown'),
    namespace: metadata?.namespace,
    name: String(metadata?.name ?? ''),
    warnings: [],
    errors: [],
  };
  const definition = kindDefinition(item.kind);
  if (!isObject(document) || !definition || item.name === '') return { ...item, action: 'refused', errors: [refusal(document, item)] };
  const namespace = definition.namespaced ? (metadata?.namespace ?? CONTROL_NAMESPACE) : '';
  const root = definition.group === '' ? '/api/v1' : `/apis/${apiVersionOf(definition)}`;
  const path = `${root}${namespace === '' ? '' : `/namespaces/${namespace}`}/${definition.plural}/${item.name}`;
  const before = await call(api, 'GET', path, '', options);
  const served = apiVersionOf(definition);
  // A version of its own that is served says itself what is to be said of it.
  const isOld = definition.alsoServed.some((version) => document.apiVersion === apiVersionOf({ ...definition, version }));
  const target = isOld ? path.replace(`/${served}/`, `/${String(document.apiVersion)}/`) : path;
  const sent = isOld ? document : { ...document, apiVersion: served };
  const answer = await call(api, 'PATCH', target, JSON.stringify(sent), options);
  const body = JSON.parse(answer.body ?? '{}') as { metadata?: { resourceVersion?: string } } & KubeStatus;
  const warnings = [answer.headers.warning ?? []]
    .flat()
    .map((warning) => /^299 - "(.*)"$/.exec(warning)?.[1]?.replace(/\\(.)/g, '$1') ?? warning);
  if (answer.status >= 400) return { ...item, action: 'refused', warnings, errors: errorsOf(body) };
  const versionBefore =
    before.status === 200
      ? (JSON.parse(before.body ?? '{}') as { metadata?: { resourceVersion?: string } }).metadata?.resourceVersion
      : undefined;
  const action = versionBefore === undefined ? 'created' : versionBefore === body.metadata?.resourceVersion ? 'unchanged' : 'configured';
  return { ...item, namespace: namespace || undefined, action, warnings };
}

function call(
  api: KubeApiServer,
  method: string,
  path: string,
  body: string,
  options: { dryRun?: boolean; user: RequestUser; signal: AbortSignal },
): Promise<ApiAnswer> {
  const query = new URLSearchParams(
    method === 'PATCH'
      ? { fieldManager: MANAGER, force: 'true', fieldValidation: 'Warn', ...(options.dryRun ? { dryRun: 'All' } : {}) }
      : {},
  );
  return api.handle({
    method,
    path,
    query,
    headers: { 'content-type': 'application/apply-patch+yaml', accept: 'application/json' },
    body: Buffer.from(body),
    user: options.user,
    signal: options.signal,
  });
}

function errorsOf({ details, message }: KubeStatus): string[] {
  const causes = details?.causes?.map((cause) => `${cause.field ? `${cause.field}: ` : ''}${cause.message}`) ?? [];
  return causes.length > 0 ? causes : [message ?? 'refused'];
}

function refusal(document: unknown, { kind, name }: { kind: string; name: string }): string {
  if (!isObject(document)) return 'the document is not an object';
  if (document.kind === undefined || document.apiVersion === undefined || name === '')
    return 'apiVersion, kind and metadata.name are needed; this looks like a part of a document';
  return `kind ${kind} is not kept by the hub; put it into Git and roll it out with an Application`;
}

/** The parts of a path below `/api` or `/apis` that name a resource. */
export interface ResourcePath {
  group: string;
  version: string;
  /** `''` for cluster-scoped resources and for all namespaces. */
  namespace: string;
  plural: string;
  name?: string;
  subresource?: string;
}

/** Segments a resource path can have at most: `apis/g/v/namespaces/ns/plural/name/subresource`. */
const MAX_SEGMENTS = 8;

/** Reads a resource path; undefined when the path names no resource (discovery and other documents). */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  if (segments.length > MAX_SEGMENTS) return undefined;
  const [root, ...rest] = segments;
  if (root === 'api') return read('', rest);
  if (root === 'apis') return read(rest[0] ?? '', rest.slice(1));
  return undefined;
}

function read(group: string, [version, ...rest]: readonly string[]): ResourcePath | undefined {
  if (!version || rest.length === 0 || rest.some((segment) => segment === '')) return undefined;
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2 && !isNamespaceSubresource(rest);
  const [plural, name, subresource, ...extra] = inNamespace ? rest.slice(2) : rest;
  if (!plural || extra.length > 0) return undefined;
  return { group, version, namespace: inNamespace ? rest[1]! : '', plural, name, subresource };
}

/** `namespaces/x/status` names the Namespace itself: these words are never resources inside a namespace. */
function isNamespaceSubresource(rest: readonly string[]): boolean {
  return rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize');
}

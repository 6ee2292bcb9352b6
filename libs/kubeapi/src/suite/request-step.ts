/** One request of the shared suite. `{name}` in path and body stands for a value an earlier step captured. */
export interface RequestStep {
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as it is. */
  body?: unknown;
  /** Values of the answer's body to keep for later steps, by dotted path. */
  capture?: Readonly<Record<string, string>>;
  /** Asked again, up to 5 s, until this status comes: for what the server does in the background. */
  untilStatus?: number;
  /** Sent, but not compared: it only prepares or cleans up. */
  isQuiet?: boolean;
}

export const TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

type Rest = Partial<Omit<RequestStep, 'name' | 'method' | 'path'>>;

export const get = (name: string, path: string, rest: Rest = {}): RequestStep => ({ name, method: 'GET', path, ...rest });
export const post = (name: string, path: string, body: unknown, rest: Rest = {}): RequestStep => ({
  name,
  method: 'POST',
  path,
  body,
  ...rest,
});
export const put = (name: string, path: string, body: unknown, rest: Rest = {}): RequestStep => ({
  name,
  method: 'PUT',
  path,
  body,
  ...rest,
});
export const remove = (name: string, path: string, body?: unknown, rest: Rest = {}): RequestStep => ({
  name,
  method: 'DELETE',
  path,
  body,
  ...rest,
});
export const table = (name: string, path: string): RequestStep => get(name, path, { headers: { accept: TABLE } });

export function patch(name: string, type: keyof typeof TYPES, path: string, body: unknown, rest: Rest = {}): RequestStep {
  return { name, method: 'PATCH', path, body, ...rest, headers: { 'content-type': TYPES[type], ...rest.headers } };
}

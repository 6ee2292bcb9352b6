import type { RestRoute } from '@flotilla/contracts';
import { InvalidInputError, NotFoundError } from '@flotilla/kernel';
import type { RequestUser } from '@flotilla/kubeapi';
import type { z } from 'zod';
import { matchRoute } from './match-route.js';

/** One REST call, its parts already checked against the route's schemas. */
export interface RestCall {
  parameters: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
  /** Undefined on public routes. */
  user: RequestUser | undefined;
  remoteAddress: string;
  traceparent: string | undefined;
  signal: AbortSignal;
}

export type RestHandler = (call: RestCall) => Promise<unknown>;

/** The path exists, the method does not. */
export class MethodNotAllowedError extends InvalidInputError {
  override readonly code = 'method-not-allowed';
}

/** Finds the handler of a route, checks what comes in, and answers with what it returns. */
export class RestDispatcher {
  readonly #handlers: Readonly<Record<string, RestHandler>>;

  constructor(handlers: Readonly<Record<string, RestHandler>>) {
    this.#handlers = handlers;
  }

  async dispatch(method: string, path: string, call: Omit<RestCall, 'parameters'>): Promise<unknown> {
    const match = matchRoute(method, path);
    if ('allowed' in match) {
      if (match.allowed.length === 0) throw new NotFoundError(`no REST verb at ${path}; GET /v1/openapi.json lists them`);
      throw new MethodNotAllowedError(`${path} takes ${match.allowed.join(', ')}, not ${method}`);
    }
    const { route, parameters } = match;
    const handler = this.#handlers[route.id];
    if (!handler) throw new NotFoundError(`REST verb ${route.id} has no handler`);
    return handler({
      ...call,
      parameters,
      query: route.query ? (check(route, 'query', route.query, call.query) as Record<string, unknown>) : {},
      body: route.request ? check(route, 'body', route.request, call.body ?? {}) : call.body,
    });
  }
}

function check(route: RestRoute, part: string, schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${[part, ...path].join('.')}: ${message}`);
  throw new InvalidInputError(`${route.method} ${route.path}: ${problems.join('; ')}`, { problems });
}

import { z } from 'zod';

/** A REST verb of the gateway. The table is what the gateway serves, what OpenAPI describes and what the CLI calls. */
export interface RestRoute {
  /** OpenAPI operationId, and the name the CLI's client calls it by. */
  id: string;
  method: 'GET' | 'POST' | 'DELETE';
  /** With `{parameters}`. */
  path: string;
  summary: string;
  /** `public` routes check their own credential (login, enrolment, webhooks); everything else needs a session. */
  access: 'public' | 'session';
  query?: z.ZodObject;
  request?: z.ZodType;
  response: z.ZodType;
}

export const route = (
  id: string,
  method: RestRoute['method'],
  path: string,
  summary: string,
  rest: Partial<RestRoute> = {},
): RestRoute => ({
  id,
  method,
  path,
  summary,
  access: 'session',
  response: z.looseObject({}),
  ...rest,
});

export const document = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) });

export const SET = '/v1/namespaces/{namespace}/applicationsets/{name}';

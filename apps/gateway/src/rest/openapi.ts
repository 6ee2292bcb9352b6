import { REST_ROUTES, restErrorSchema } from '@flotilla/contracts';
import { z } from 'zod';

/** The OpenAPI 3.1 document of the REST verbs, made from their table. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of REST_ROUTES) {
    const parameters = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }));
    const query = Object.entries(route.query?.shape ?? {}).map(([name, field]) => ({
      name,
      in: 'query',
      required: !field.safeParse(undefined).success,
      schema: schemaOf(field as z.ZodType, 'input'),
    }));
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = {
      operationId: route.id,
      summary: route.summary,
      security: route.access === 'public' ? [] : [{ bearer: [] }],
      parameters: [...parameters, ...query],
      ...(route.request ? { requestBody: { required: true, content: json(schemaOf(route.request, 'input')) } } : {}),
      responses: {
        200: { description: 'Done', content: json(schemaOf(route.response, 'output')) },
        default: { description: 'An error with a stable code', content: json({ $ref: '#/components/schemas/Error' }) },
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Flotilla',
      version,
      description: 'Verbs of the hub. Documents themselves are served by the Kubernetes API at /api and /apis.',
    },
    paths,
    components: {
      schemas: { Error: schemaOf(restErrorSchema, 'output') },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function json(schema: unknown): Record<string, unknown> {
  return { 'application/json': { schema } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>;
  return rest;
}

import { REST_ROUTES, type RestRoute, restErrorSchema } from '@flotilla/contracts';
import { code, type Page, page, table } from './markdown.js';
import { fieldsOf, shapeText } from './schema-shape-text.js';

export function restPage(): Page {
  return page(
    'rest.md',
    'REST verbs',
    'Served over HTTPS by the gateway below the URL of the hub; `GET /v1/openapi.json` is the same as OpenAPI. Every verb but the public ones ' +
      'needs `Authorization: Bearer TOKEN` with a token of `POST /v1/login`. `argocd` is the namespace of documents that name no other.',
    `Every answer that is not 2xx has the body ${code(shapeText(restErrorSchema))}.`,
    table(
      ['Verb', 'Request', 'What it does'],
      REST_ROUTES.map(({ id, method, path, summary }) => [`[${id}](#${id.toLowerCase()})`, code(`${method} ${path}`), summary]),
    ),
    'Besides the verbs the gateway serves the Kubernetes API of the kinds of the hub (`/api`, `/apis`, `/openapi/v3`, `/version`), ' +
      '`POST /api/webhook` for pushes of Git servers, and `/healthz`, `/livez`, `/readyz` and `/metrics`.',
    ...REST_ROUTES.flatMap(verbBlocks),
  );
}

function verbBlocks(route: RestRoute): string[] {
  const { id, method, path, summary, access, query, request, response } = route;
  const query_ = query ? fieldsOf(query).map(({ name, shape }) => `${code(name)} (${shape})`) : [];
  const body = request ? fieldsOf(request) : [];
  return [
    `## ${id}`,
    `${code(`${method} ${path}`)}${access === 'public' ? ' (public: checks its own credential)' : ''}: ${summary}.`,
    query_.length > 0 ? `Query: ${query_.join(', ')}.` : '',
    table(
      ['Field of the body', 'Type', 'Required'],
      body.map(({ name, isRequired, shape }) => [code(name), shape, isRequired ? 'yes' : '']),
    ),
    `Answer: ${code(shapeText(response))}`,
  ].filter((block) => block !== '');
}

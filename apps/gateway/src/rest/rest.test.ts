import { REST_ROUTES } from '@flotilla/contracts';
import { ForbiddenError, InvalidInputError, UnavailableError } from '@flotilla/kernel';
import { describe, expect, test } from 'vitest';
import { isPublicPath } from '../auth/public-paths.js';
import { errorAnswer } from './error-answer.js';
import { matchRoute } from './match-route.js';
import { openApiDocument } from './openapi.js';
import { RestDispatcher } from './rest-dispatcher.js';

const call = {
  query: {},
  body: undefined,
  user: undefined,
  remoteAddress: '127.0.0.1',
  traceparent: undefined,
  signal: new AbortController().signal,
};

describe('a REST request', () => {
  test('finds its route and parameters; a literal path wins', () => {
    expect(matchRoute('GET', '/v1/namespaces/argocd/applications/web')).toMatchObject({
      route: { id: 'getApplication' },
      parameters: { namespace: 'argocd', name: 'web' },
    });
    expect(matchRoute('POST', '/v1/applicationsets/generate')).toMatchObject({ route: { id: 'generateApplicationSet' } });
    expect(matchRoute('DELETE', '/v1/clusters')).toEqual({ allowed: ['GET', 'POST'] });
    expect(matchRoute('GET', '/v1/clusters/a%2Fb')).toEqual({ allowed: [] });
    expect(matchRoute('GET', '/v1/clusters/%ff')).toEqual({ allowed: [] });
  });

  test('with a body that does not fit is refused naming the fields', async () => {
    const dispatcher = new RestDispatcher({ login: async ({ body }) => body });
    await expect(dispatcher.dispatch('POST', '/v1/login', { ...call, body: { username: 1 } })).rejects.toThrow(
      /body\.username: .*; body\.password: /,
    );
    await expect(dispatcher.dispatch('POST', '/v1/login', { ...call, body: { username: 'a', password: 'b', more: 1 } })).resolves.toEqual({
      username: 'a',
      password: 'b',
    });
    const door = new RestDispatcher({ enroll: async () => 'waits', renew: async () => 'waits' });
    const keys = { publicNkey: 'U', sealingKey: 'k', token: 'x'.repeat(5_000) };
    await expect(door.dispatch('POST', '/v1/spokes/enroll', { ...call, body: keys })).rejects.toThrow('body.token');
    await expect(door.dispatch('POST', '/v1/spokes/renew', { ...call, body: {} })).rejects.toThrow('body.spokeId');
    await expect(dispatcher.dispatch('GET', '/v1/nothing', call)).rejects.toMatchObject({ code: 'not-found' });
    await expect(dispatcher.dispatch('GET', '/v1/login', call)).rejects.toMatchObject({ code: 'method-not-allowed' });
  });
});

test('an error becomes a status and a code; an unforeseen one tells nothing', () => {
  expect(errorAnswer(new InvalidInputError('no')).status).toBe(400);
  expect(errorAnswer(new ForbiddenError('no')).status).toBe(403);
  expect(errorAnswer(new UnavailableError('later')).status).toBe(503);
  expect(JSON.stringify(errorAnswer(new Error('password=hunter2')))).not.toContain('hunter2');
});

test('the routes without a session are these and no others', () => {
  expect(REST_ROUTES.filter(({ access }) => access === 'public').map(({ id }) => id)).toEqual(['login', 'version', 'enroll', 'renew']);
  for (const path of ['/v1//login', '/V1/login', '/v1/login/', '/v1/%6cogin', '/api/webhook/'])
    expect(isPublicPath('POST', path), path).toBe(false);
  expect(isPublicPath('GET', '/metrics')).toBe(false);
});

test('OpenAPI describes every route once', () => {
  const { paths } = openApiDocument('1.0.0') as { paths: Record<string, Record<string, { operationId: string }>> };
  const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
  expect(ids.toSorted()).toEqual(REST_ROUTES.map(({ id }) => id).toSorted());
});

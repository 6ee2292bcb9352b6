import type { IncomingMessage, ServerResponse } from 'node:http';
import { KubeApiError, unauthorized } from '@flotilla/kubeapi';
import type { Logger } from '@flotilla/telemetry';
import { UnauthenticatedError } from '../auth/auth.errors.js';
import { errorAnswer } from '../rest/error-answer.js';

/** Paths whose callers read our error bodies; every other one speaks Kubernetes. */
const OURS = /^\/(v1|api\/webhook)(\/|$)/;

/** Answers what never came to the router: a request without a session, a path that cannot be read. */
export function refuseRequest(error: unknown, request: IncomingMessage, response: ServerResponse, logger: Logger): void {
  const path = request.url?.split('?')[0] ?? '/';
  const { status, body } = answerOf(error, path);
  if (status >= 500) logger.error('request failed', { method: request.method, path, error });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer realm="flotilla"' } : {};
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...challenge });
  response.end(`${JSON.stringify(body)}\n`);
}

function answerOf(error: unknown, path: string): { status: number; body: unknown } {
  if (OURS.test(path)) return errorAnswer(error);
  const status = error instanceof UnauthenticatedError ? unauthorized() : error;
  return status instanceof KubeApiError ? { status: status.status.code, body: status.status } : errorAnswer(error);
}

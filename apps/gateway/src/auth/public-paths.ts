import { REST_ROUTES } from '@flotilla/contracts';

/** Health, metrics of this process, and the webhook check their callers themselves or tell nothing of the fleet. */
const OTHERS = ['GET /healthz', 'GET /livez', 'GET /readyz', 'POST /api/webhook', 'GET /v1/openapi.json'];
const PUBLIC = new Set([
  ...OTHERS,
  ...REST_ROUTES.filter(({ access }) => access === 'public').map(({ method, path }) => `${method} ${path}`),
]);

/** Exact match on the path as sent: another spelling of a public path is never public. */
export function isPublicPath(method: string, path: string): boolean {
  return PUBLIC.has(`${method} ${path}`);
}

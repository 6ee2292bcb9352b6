import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isPublicPath } from './public-paths.js';
import type { Sessions } from './sessions.js';

/** Puts the user behind a request on it. The only place that lets anybody in: everything not listed as public needs a session. */
export class AuthGuard implements CanActivate {
  readonly #sessions: Sessions;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: unknown }>();
    const path = request.raw.url?.split('?')[0] ?? '/';
    if (isPublicPath(request.raw.method ?? 'GET', path)) return true;
    request.user = await this.#sessions.userOf(request.headers.authorization);
    return true;
  }
}

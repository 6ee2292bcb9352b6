import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type EdgeRequest, EdgeRouter } from './route-request.js';

/** Every request after the global guard; which part of the gateway answers it is decided by its path in one place. */
@Controller()
export class EdgeController {
  readonly #router: EdgeRouter;

  constructor(@Inject(EdgeRouter) router: EdgeRouter) {
    this.#router = router;
  }

  @All('*')
  async all(@Req() request: FastifyRequest & { user?: EdgeRequest['user'] }, @Res() reply: FastifyReply): Promise<void> {
    reply.hijack();
    const raw: EdgeRequest = request.raw;
    raw.user = request.user;
    await this.#router.route(raw, reply.raw);
  }
}

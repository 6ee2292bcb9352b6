import type { ArgumentsHost, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayService } from '../gateway-service.js';
import { refuseRequest } from './refuse-request.js';
import 'reflect-metadata';

const KEEP_ALIVE_MS = 65_000;
const HEADERS_TIMEOUT_MS = 20_000;

/** The HTTPS application around a module; bodies are left to whoever answers, who knows how much to read. */
export async function createEdge(module: DynamicModule, tls: { certificate: string; key: string }): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    https: { cert: tls.certificate, key: tls.key },
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: 2_000 },
    forceCloseConnections: true,
  });
  const application = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  const { logger } = application.get(GatewayService, { strict: false });
  application.useGlobalFilters({
    catch: (error: unknown, host: ArgumentsHost) => {
      const reply = host.switchToHttp().getResponse<FastifyReply>();
      reply.hijack();
      refuseRequest(error, host.switchToHttp().getRequest<FastifyRequest>().raw, reply.raw, logger);
    },
  });
  const fastify = application.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request: unknown, _payload: unknown, done: (error: Error | null) => void) => done(null));
  fastify.server.headersTimeout = HEADERS_TIMEOUT_MS;
  return application;
}

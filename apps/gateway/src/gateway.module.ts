import { connectService, migrateService, type Platform, type ServiceConnection } from '@flotilla/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from './auth/auth.guard.js';
import { createGateway } from './create-gateway.js';
import { EdgeController } from './edge/edge.controller.js';
import { EdgeRouter } from './edge/route-request.js';
import type { GatewayConfig } from './gateway.config.js';
import { gatewaySchema } from './gateway.schema.js';
import { GatewayService } from './gateway-service.js';
import { fleetCalls } from './grpc/fleet-calls.js';
import { serveGrpc } from './grpc/grpc-server.js';
import { setCalls } from './grpc/set-calls.js';

/** What the process around the gateway does for it. */
export interface GatewayProcess {
  metrics(): Promise<string>;
  /** Keeps the generated admin password of the first start where its owner finds it. */
  keepPassword(password: string): void;
}

const CONNECTION = Symbol('gateway connection');

/** Composition root of the gateway: doors for people over the shared storage. */
@Module({})
export class GatewayModule {
  static register(platform: Platform, config: GatewayConfig, process: GatewayProcess): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [EdgeController],
      providers: [
        { provide: CONNECTION, useFactory: () => connectService(platform, 'gateway') },
        {
          provide: GatewayService,
          inject: [CONNECTION],
          useFactory: async (connection: ServiceConnection) => {
            await migrateService(platform, gatewaySchema);
            const { bus, logger } = connection;
            const gateway = createGateway(config, {
              platform,
              bus,
              logger,
              isConnected: () => connection.isConnected(),
              metrics: process.metrics,
            });
            const initialPassword = await gateway.prepare(process.keepPassword);
            const grpc = await serveGrpc({
              host: config.host,
              port: config.grpcPort,
              tls: config.tls,
              services: {
                'flotilla.v1.Fleet': fleetCalls(platform.store, gateway.verbs),
                'flotilla.v1.ApplicationSets': setCalls(gateway.verbs),
              },
              userOf: (authorization) => gateway.sessions.userOf(authorization),
              isReady: async () => connection.isConnected(),
              logger,
            });
            return new GatewayService(gateway, connection, grpc, initialPassword);
          },
        },
        { provide: EdgeRouter, inject: [GatewayService], useFactory: ({ gateway }: GatewayService) => gateway.router },
        { provide: APP_GUARD, inject: [GatewayService], useFactory: ({ gateway }: GatewayService) => new AuthGuard(gateway.sessions) },
      ],
      exports: [GatewayService],
    };
  }
}

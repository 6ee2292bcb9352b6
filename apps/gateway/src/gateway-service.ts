import type { ServiceConnection } from '@flotilla/platform';
import type { Logger } from '@flotilla/telemetry';
import type { Gateway } from './create-gateway.js';
import type { GrpcDoor } from './grpc/grpc-server.js';

/** The running gateway; Nest ends it with the application. */
export class GatewayService {
  readonly gateway: Gateway;
  readonly grpcPort: number;
  readonly logger: Logger;
  /** Set at the very first start only. */
  readonly initialPassword: string | undefined;
  readonly #connection: ServiceConnection;
  readonly #grpc: GrpcDoor;

  constructor(gateway: Gateway, connection: ServiceConnection, grpc: GrpcDoor, initialPassword: string | undefined) {
    this.gateway = gateway;
    this.logger = connection.logger;
    this.grpcPort = grpc.port;
    this.initialPassword = initialPassword;
    this.#connection = connection;
    this.#grpc = grpc;
  }

  /** Reasons why it cannot do its work now; empty when it can. */
  notReady(): string[] {
    return this.#connection.isConnected() ? [] : ['no connection to nats'];
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#grpc.stop();
    await this.#connection.close();
  }
}

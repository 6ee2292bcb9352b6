import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { type RunningRoutes, type ServeRoutesOptions, serveRoutes } from './serve-routes.js';

/**
 * The Nest microservice transport: what comes in is the routes table, not decorators. `connectMicroservice({strategy:
 * new NatsTransport(...)})`; outside Nest, `serveRoutes` is the same thing as a function.
 */
export class NatsTransport<Uses extends Record<string, unknown>> extends Server implements CustomTransportStrategy {
  readonly #options: ServeRoutesOptions<Uses>;
  #running?: RunningRoutes;

  constructor(options: ServeRoutesOptions<Uses>) {
    super();
    this.#options = options;
  }

  listen(callback: (error?: unknown) => void): void {
    serveRoutes(this.#options).then(
      (running) => {
        this.#running = running;
        callback();
      },
      (error) => callback(error),
    );
  }

  async close(): Promise<void> {
    await this.#running?.stop();
  }

  /** The transport has no events of its own; the connection's state is logged where it is made. */
  on(): void {}

  unwrap<T>(): T {
    return this.#options.links as T;
  }
}

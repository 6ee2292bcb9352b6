import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** One address in front of several copies: each connection goes to the next copy that takes it. */
export class Balancer {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(targets: readonly number[]): Promise<Balancer> {
    let next = 0;
    const sockets = new Set<Socket>();
    const track = (socket: Socket): Socket => {
      sockets.add(socket);
      return socket.on('close', () => sockets.delete(socket));
    };
    const server = createServer((inbound) => {
      track(inbound).on('error', () => undefined);
      const first = next++;
      const dial = (attempt: number): void => {
        if (attempt === targets.length) return void inbound.destroy();
        const outbound = track(connect(targets[(first + attempt) % targets.length]!, '127.0.0.1'));
        const onRefused = (): void => dial(attempt + 1);
        outbound.once('error', onRefused);
        outbound.once('connect', () => {
          outbound.off('error', onRefused).on('error', () => inbound.destroy());
          outbound.on('close', () => inbound.destroy());
          inbound.on('close', () => outbound.destroy());
          inbound.pipe(outbound).pipe(inbound);
        });
      };
      dial(0);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Balancer(server, sockets);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

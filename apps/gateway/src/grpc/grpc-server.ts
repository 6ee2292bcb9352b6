import { fileURLToPath } from 'node:url';
import { codeOf, FlotillaError, messageOf } from '@flotilla/kernel';
import type { RequestUser } from '@flotilla/kubeapi';
import type { Logger } from '@flotilla/telemetry';
import {
  type GrpcObject,
  type handleServerStreamingCall,
  type handleUnaryCall,
  loadPackageDefinition,
  type Metadata,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import type { ServiceCalls, StreamCall, UnaryCall } from './service-calls.js';

const PROTO = fileURLToPath(new URL(import.meta.url.includes('/dist/') ? '../../../proto' : '../../proto', import.meta.url));
const OUR_PROTOS = ['flotilla/v1/fleet.proto', 'flotilla/v1/application_sets.proto'];
/** Either way; longer answers are streams. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** The status of each error code; anything else is the state of the thing, or a matter of time. */
const CODES: Readonly<Record<string, status>> = {
  invalid: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  'not-found': status.NOT_FOUND,
  conflict: status.ABORTED,
  'already-exists': status.ALREADY_EXISTS,
  gone: status.OUT_OF_RANGE,
  unavailable: status.UNAVAILABLE,
  'too-many-requests': status.RESOURCE_EXHAUSTED,
};

export interface GrpcOptions {
  host: string;
  port: number;
  tls: { certificate: string; key: string };
  /** By the full name of the service. */
  services: Readonly<Record<string, ServiceCalls>>;
  /** The user behind `authorization`; throws when there is none. */
  userOf(authorization: string | undefined): Promise<RequestUser>;
  isReady(): Promise<boolean>;
  logger: Logger;
}

export interface GrpcDoor {
  port: number;
  stop(): Promise<void>;
}

/** Serves our services over TLS, with reflection and the standard health service. Deny by default: only health needs no token. */
export async function serveGrpc(options: GrpcOptions): Promise<GrpcDoor> {
  const definition = loadSync([...OUR_PROTOS, 'grpc/health/v1/health.proto'], {
    includeDirs: [PROTO],
    keepCase: true,
    longs: String,
    enums: Number,
    defaults: true,
  });
  const root = loadPackageDefinition(definition);
  const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.max_send_message_length': MAX_MESSAGE_BYTES });
  for (const [service, calls] of Object.entries(options.services)) {
    const unary = Object.entries(calls.unary).map(([name, call]) => [name, unaryHandler(call, options)] as const);
    const streams = Object.entries(calls.streams).map(([name, call]) => [name, streamHandler(call, options)] as const);
    server.addService(serviceOf(root, service), Object.fromEntries([...unary, ...streams]));
  }
  const check: handleUnaryCall<unknown, unknown> = (_call, answer) => {
    options.isReady().then(
      (ready) => answer(null, { status: ready ? 1 : 2 }),
      () => answer(null, { status: 2 }),
    );
  };
  server.addService(serviceOf(root, 'grpc.health.v1.Health'), { Check: check });
  new ReflectionService(definition).addToServer(server);
  const { certificate, key } = options.tls;
  const credentials = ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) }]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${options.host}:${options.port}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { port, stop: () => stop(server) };
}

const STOP_GRACE_MS = 2_000;

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Watches never end by themselves.
    const timer = setTimeout(() => server.forceShutdown(), STOP_GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function serviceOf(root: GrpcObject, path: string) {
  const found = path.split('.').reduce<unknown>((at, part) => (at as GrpcObject)[part], root);
  return (found as ServiceClientConstructor).service;
}

function unaryHandler(call: UnaryCall, options: GrpcOptions): handleUnaryCall<never, unknown> {
  return (request, answer) => {
    const gone = new AbortController();
    request.on('cancelled', () => gone.abort());
    authenticated(options, request.metadata)
      .then((user) => call(request.request, user, gone.signal))
      .then(
        (reply) => answer(null, reply),
        (error: unknown) => answer(asServiceError(error, options.logger)),
      );
  };
}

function streamHandler(call: StreamCall, options: GrpcOptions): handleServerStreamingCall<never, unknown> {
  return (stream) => {
    const gone = new AbortController();
    stream.on('cancelled', () => gone.abort());
    stream.on('close', () => gone.abort());
    const run = async (): Promise<void> => {
      const user = await authenticated(options, stream.metadata);
      for await (const message of call(stream.request, user, gone.signal)) {
        if (gone.signal.aborted) return;
        if (!stream.write(message)) await drained(stream, gone.signal);
      }
      stream.end();
    };
    run().catch((error: unknown) => stream.emit('error', asServiceError(error, options.logger)));
  };
}

/** Whoever went away drains nothing any more. */
function drained(stream: NodeJS.EventEmitter, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      gone.removeEventListener('abort', done);
      resolve();
    };
    stream.once('drain', done);
    gone.addEventListener('abort', done);
    if (gone.aborted) done();
  });
}

function authenticated({ userOf }: GrpcOptions, metadata: Metadata): Promise<RequestUser> {
  return userOf(metadata.get('authorization')[0]?.toString());
}

function asServiceError(error: unknown, logger: Logger): Partial<ServiceError> {
  if (error instanceof FlotillaError) {
    const other = error.retry === 'later' ? status.UNAVAILABLE : status.FAILED_PRECONDITION;
    return { code: CODES[codeOf(error)] ?? other, details: messageOf(error) };
  }
  logger.error('grpc call failed', { error });
  return { code: status.INTERNAL, details: 'an unforeseen error; the log of the hub has it' };
}

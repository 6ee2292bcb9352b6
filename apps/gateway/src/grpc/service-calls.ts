import type { RequestUser } from '@flotilla/kubeapi';

export type UnaryCall = (request: never, user: RequestUser, signal: AbortSignal) => Promise<unknown>;
export type StreamCall = (request: never, user: RequestUser, signal: AbortSignal) => AsyncIterable<unknown>;

/** What each rpc of one service does, by its name in the proto. */
export interface ServiceCalls {
  unary: Readonly<Record<string, UnaryCall>>;
  streams: Readonly<Record<string, StreamCall>>;
}

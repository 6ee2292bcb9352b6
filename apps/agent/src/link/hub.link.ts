import type { SpokeRequest } from '@flotilla/contracts';

/** A reply: its JSON (of the meta header where the payload is raw bytes) and those bytes. */
export interface LinkReply {
  meta: unknown;
  bytes: Uint8Array;
}

export interface LinkListener {
  /** `traceparent`: W3C trace context of whoever rings. */
  wake(content: unknown, traceparent?: string): void;
  ask(content: unknown): void;
  connected(): void;
  disconnected(): void;
}

/** The agent's line to the hub. It dials out; nothing is ever dialled in. */
export abstract class HubLink {
  /** Asks the hub. Throws UnavailableError when nobody answers in time (default 10 s). */
  abstract request(verb: SpokeRequest, content: unknown, options?: { timeoutMs?: number; traceparent?: string }): Promise<LinkReply>;
  /** Says without an answer; lost while the line is down. */
  abstract beat(content: unknown): void;
  abstract answer(token: string, n: number, content: unknown): void;
  /** Names the one listener; `connected` follows at once when the line is up. */
  abstract listen(listener: LinkListener): void;
  abstract close(): Promise<void>;
}

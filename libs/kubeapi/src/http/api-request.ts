import type { RequestUser } from '../storage.js';

/** A request as the core sees it, whatever transport brought it. */
export interface ApiRequest {
  method: string;
  /** Decoded path without the query, starting with `/`. */
  path: string;
  query: URLSearchParams;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
  user: RequestUser;
  /** Aborts when the client is gone. */
  signal: AbortSignal;
}

/** The answer: either a whole `body`, or a `stream` of chunks that ends by itself or when the client leaves. */
export interface ApiAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body?: string;
  stream?: AsyncIterable<string>;
}

export function jsonAnswer(status: number, body: unknown, warnings: readonly string[] = []): ApiAnswer {
  return textAnswer(status, JSON.stringify(body), 'application/json', warnings);
}

export function textAnswer(
  status: number,
  body: string,
  contentType = 'text/plain; charset=utf-8',
  warnings: readonly string[] = [],
): ApiAnswer {
  const headers: Record<string, string | string[]> = { 'content-type': contentType, 'cache-control': 'no-cache, private' };
  if (warnings.length > 0) headers.warning = warnings.slice(0, MAX_WARNINGS).map((text) => `299 - ${quote(text)}`);
  return { status, headers, body };
}

/** Warning headers in one answer; the real server stops at a total size instead. */
const MAX_WARNINGS = 50;
const MAX_WARNING_LENGTH = 800;

function quote(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, ' ').slice(0, MAX_WARNING_LENGTH);
  return `"${printable.replace(/["\\]/g, '\\$&')}"`;
}

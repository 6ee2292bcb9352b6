import { inflateSync, zstdDecompressSync } from 'node:zlib';
import type { Trace } from './canary.js';

const MAX_CONTENT_BYTES = 64 * 1024 * 1024;
/** What is compressed within what is compressed; nothing of ours goes deeper. */
const MAX_DEPTH = 2;

/** How compressed pieces begin, wherever they lie: zstd frames of blobs and documents, zlib streams of Git at its usual levels. */
const FORMATS = [
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), unpack: zstdDecompressSync },
  ...[0x01, 0x5e, 0x9c, 0xda].map((level) => ({ magic: Buffer.from([0x78, level]), unpack: inflateSync })),
];

export interface Scan {
  /** Forms that were found, each once. */
  found: ReadonlySet<string>;
  /** Compressed pieces that were read. */
  pieces: number;
}

/** Looks for traces in bytes, and in everything compressed that begins anywhere in them. */
export function scanBytes(bytes: Buffer, traces: readonly Trace[], depth = 0): Scan {
  const found = new Set(traces.filter((trace) => bytes.includes(trace.bytes)).map(({ form }) => form));
  let pieces = 0;
  if (depth === MAX_DEPTH) return { found, pieces };
  for (const { magic, unpack } of FORMATS) {
    for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 1)) {
      const content = orNothing(() => unpack(bytes.subarray(at), { maxOutputLength: MAX_CONTENT_BYTES }));
      if (!content) continue;
      const inner = scanBytes(content, traces, depth + 1);
      pieces += 1 + inner.pieces;
      for (const form of inner.found) found.add(form);
    }
  }
  return { found, pieces };
}

/** Undefined for what only begins like something compressed, or is cut off. */
function orNothing(unpack: () => Buffer): Buffer | undefined {
  try {
    return unpack();
  } catch {
    return undefined;
  }
}

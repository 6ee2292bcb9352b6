import { zstdDecompressSync } from 'node:zlib';
import type { Trace } from './canary.js';

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** Frames in frames; nothing of ours nests deeper. */
const MAX_DEPTH = 2;

export interface Scan {
  /** Forms that were found, each once. */
  found: ReadonlySet<string>;
  /** Frames that were read. */
  frames: number;
}

/** Looks for traces in bytes, and in every zstd frame that begins anywhere in them. */
export function scanBytes(bytes: Buffer, traces: readonly Trace[], depth = 0): Scan {
  const found = new Set(traces.filter((trace) => bytes.includes(trace.bytes)).map(({ form }) => form));
  let frames = 0;
  for (let at = bytes.indexOf(ZSTD_MAGIC); at !== -1 && depth < MAX_DEPTH; at = bytes.indexOf(ZSTD_MAGIC, at + 1)) {
    const content = unpack(bytes.subarray(at));
    if (!content) continue;
    const inner = scanBytes(content, traces, depth + 1);
    frames += 1 + inner.frames;
    for (const form of inner.found) found.add(form);
  }
  return { found, frames };
}

/** Undefined for what only begins like a frame, or is cut off. */
function unpack(bytes: Buffer): Buffer | undefined {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: MAX_FRAME_BYTES });
  } catch {
    return undefined;
  }
}

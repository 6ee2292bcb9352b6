/** Deeper documents are refused before they are parsed. */
const MAX_DEPTH = 32;
/** Values of one document: a megabyte of `[0,0,…]` would become many times its size in memory. */
const MAX_VALUES = 50_000;

/** JSON of a provider, or undefined for what is none or breaks a limit; the text itself is never told on. */
export function parseBoundedJson(bytes: Uint8Array): { value: unknown } | undefined {
  if (!isBounded(bytes)) return undefined;
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return undefined;
  }
}

/** Depth and number of values, counted without building anything. */
function isBounded(bytes: Uint8Array): boolean {
  let depth = 0;
  let values = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inText) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_DEPTH) return false;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
    else if (byte === 0x2c && ++values > MAX_VALUES) return false;
  }
  return true;
}

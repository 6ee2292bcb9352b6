import type { IncomingMessage } from 'node:http';
import { messageOf } from '@flotilla/kernel';
import { KubeUnreachableError } from './kube.errors.js';

/** One line longer than this ends the watch: no object of an API server is that large. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** The JSON lines of a watch answer. Ends with the stream; a broken one throws KubeUnreachableError. */
export async function* readLines(response: IncomingMessage, signal: AbortSignal): AsyncIterable<unknown> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
        pending.push(chunk.subarray(from, end));
        from = end + 1;
        const line = Buffer.concat(pending).toString('utf8');
        pending = [];
        pendingBytes = 0;
        if (line.trim() !== '') yield JSON.parse(line);
      }
      pending.push(chunk.subarray(from));
      pendingBytes += chunk.length - from;
      if (pendingBytes > MAX_LINE_BYTES) throw new KubeUnreachableError(`a watch event is larger than ${MAX_LINE_BYTES} bytes`);
    }
  } catch (error) {
    if (signal.aborted) return;
    throw new KubeUnreachableError(`the watch broke off: ${messageOf(error)}`, {}, error);
  } finally {
    response.destroy();
  }
}

// The process that `Launcher` starts: runs the commands it is told of and ends, with all of them, when its parent is gone.
import { extname } from 'node:path';
import type { LauncherAnswer, LauncherOrder } from './launcher.js';

const { spawnProcess } = (await import(
  new URL(`./spawn-process${extname(import.meta.url)}`, import.meta.url).href
)) as typeof import('./spawn-process.js');

const running = new Map<number, AbortController>();

process.on('message', (order: LauncherOrder) => {
  if ('abort' in order) {
    running.get(order.abort)?.abort();
    return;
  }
  const { id, command } = order;
  const aborting = new AbortController();
  running.set(id, aborting);
  spawnProcess({ ...command, signal: aborting.signal }).then(
    (result) => answer({ id, result }),
    (error: unknown) => answer({ id, error: String(error) }),
  );
});
// A signal to the whole group is the parent's matter; while it still works, so do its commands.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.once('disconnect', () => {
  for (const aborting of running.values()) aborting.abort();
  process.exit(0);
});

function answer(message: LauncherAnswer): void {
  running.delete(message.id);
  if (process.connected) process.send?.(message);
}

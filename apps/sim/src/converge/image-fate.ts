/** What becomes of a workload's pods, as its image tags say. */
export type ImageFate = { kind: 'ready'; afterMs: number } | { kind: 'never' };

const DEFAULT_READY_MS = 20;
const SLOW_READY_MS = 2_000;

/**
 * A tag `broken...` never becomes ready, `slow...` after two seconds, `slow-750ms` after that long, anything else at once.
 * The worst container decides.
 */
export function imageFate(images: readonly string[]): ImageFate {
  let afterMs = DEFAULT_READY_MS;
  for (const image of images) {
    const tag = /:([\w.-]+)$/.exec(image)?.[1] ?? 'latest';
    if (tag.startsWith('broken')) return { kind: 'never' };
    const slow = /^slow(?:-(\d+)ms)?/.exec(tag);
    if (slow) afterMs = Math.max(afterMs, slow[1] ? Number(slow[1]) : SLOW_READY_MS);
  }
  return { kind: 'ready', afterMs };
}

import type { NotificationConfig } from '@flotilla/admission';
import type { Channel } from '../channels/channel.js';
import { findChannel } from '../channels/registry.js';

/** Most providers take a few calls at once; one that is slow holds no more of the places of all. */
const AT_ONCE = 8;

/** Pure: how many more messages each configured service may be given now, by its name. */
export function freePlaces(
  { services }: Pick<NotificationConfig, 'services'>,
  channels: readonly Channel[],
  inHand: ReadonlyMap<string, number>,
): Map<string, number> {
  return new Map(
    [...services].map(([name, { type }]) => {
      const most = findChannel(type, channels)?.maxAtOnce ?? AT_ONCE;
      return [name, Math.max(0, most - (inHand.get(name) ?? 0))];
    }),
  );
}

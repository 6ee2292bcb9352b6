import type { Channel } from '../channels/channel.js';
import type { Settings } from './live-settings.js';
import { type ResolvedService, resolveService } from './resolve-service.js';

/** Services of the settings in force, resolved once however many messages they carry; forgotten with their settings. */
export class ResolvedServices {
  readonly #channels: readonly Channel[];
  readonly #known = new WeakMap<Settings, Map<string, ResolvedService>>();

  constructor(channels: readonly Channel[]) {
    this.#channels = channels;
  }

  /** @throws InvalidInputError as `resolveService` does */
  resolve(name: string, settings: Settings): ResolvedService {
    const services = this.#known.get(settings) ?? new Map<string, ResolvedService>();
    this.#known.set(settings, services);
    const resolved = services.get(name) ?? resolveService(name, settings, this.#channels);
    services.set(name, resolved);
    return resolved;
  }
}

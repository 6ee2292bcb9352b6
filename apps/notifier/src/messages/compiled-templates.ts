import type { NotificationTemplate } from '@flotilla/admission';
import { compileGoTemplate, type GoTemplate } from '@flotilla/templating';
import type { Channel, ServiceName } from '../channels/channel.js';

/** What one template was read to. */
interface Read {
  /** By place and text. */
  texts: Map<string, GoTemplate>;
  /** By the service they are for. */
  parts: Map<string, unknown>;
}

/**
 * Templates of the settings in force, read once however many messages they give. It holds what the ConfigMap has texts and services,
 * and forgets a template with the settings it came from.
 */
export class CompiledTemplates {
  readonly #now: () => number;
  readonly #known = new WeakMap<NotificationTemplate, Read>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * @param place of the text in its template, which shows in its errors with the line
   * @throws TemplateError
   */
  compile(template: NotificationTemplate, place: string, text: string): GoTemplate {
    const { texts } = this.#of(template);
    const key = `${place}\n${text}`;
    const compiled = texts.get(key) ?? compileGoTemplate(text, { name: place, sources: { now: () => new Date(this.#now()) } });
    texts.set(key, compiled);
    return compiled;
  }

  /**
   * The channel's part of a template, its strings not rendered. Nobody may change it.
   * @throws z.ZodError
   */
  partOf(template: NotificationTemplate, channel: Channel, service: ServiceName): unknown {
    const { parts } = this.#of(template);
    const key = `${service.type}.${service.name}`;
    if (!parts.has(key)) parts.set(key, channel.readMessage(template.sections, service));
    return parts.get(key);
  }

  #of(template: NotificationTemplate): Read {
    const read = this.#known.get(template) ?? { texts: new Map(), parts: new Map() };
    this.#known.set(template, read);
    return read;
  }
}

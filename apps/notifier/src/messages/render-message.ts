import type { NotificationTemplate } from '@flotilla/admission';
import { InvalidInputError, isObject, messageOf } from '@flotilla/kernel';
import { Budget, type GoMap, TemplateError } from '@flotilla/templating';
import { z } from 'zod';
import type { Channel, Message, ServiceName } from '../channels/channel.js';
import { CompiledTemplates } from './compiled-templates.js';
import { type TemplateInput, templateVariables } from './template-variables.js';

/** Of all texts of one message together. */
const LIMITS = { maxSteps: 300_000, maxText: 2 * 1024 * 1024, maxOutput: 256 * 1024 };
const MAX_TITLE = 200;
const MAX_DEPTH = 20;

export interface RenderInput extends TemplateInput {
  template: NotificationTemplate;
  channel: Channel;
  service: ServiceName;
  /** What was read of templates for messages before; without it all is read for this one. */
  compiled?: CompiledTemplates;
  /** For a message whose text is empty. */
  fallbackTitle: string;
  groupKey?: string;
  updateKey?: string;
}

/** @throws InvalidInputError naming the template, the member and the line */
export function renderMessage(input: RenderInput): Message {
  const { template, channel, service, recipient, compiled = new CompiledTemplates(input.now) } = input;
  const data = templateVariables(input);
  const budget = new Budget(LIMITS);
  const render = (text: string, place: string): string => renderText(text, place, { template, compiled, data, budget });
  const { message } = template.sections;
  const body = typeof message === 'string' ? render(message, 'message') : '';
  const written = readPart(template, channel, service, compiled);
  const parts = written === undefined ? undefined : renderTexts(written, channel.type, render, 0);
  const keys = parts === undefined ? {} : (channel.keysOf?.(parts) ?? {});
  const groupKey = keys.groupKey ?? input.groupKey;
  const updateKey = keys.updateKey ?? input.updateKey;
  return {
    title: titleOf(parts, body) || input.fallbackTitle,
    body,
    ...(parts === undefined ? {} : { parts }),
    recipient,
    links: linksOf(input),
    ...(groupKey === undefined ? {} : { groupKey }),
    ...(updateKey === undefined ? {} : { updateKey }),
  };
}

interface Rendering {
  template: NotificationTemplate;
  compiled: CompiledTemplates;
  data: GoMap;
  budget: Budget;
}

function renderText(text: string, place: string, { template, compiled, data, budget }: Rendering): string {
  try {
    return compiled.compile(template, place, text).execute(data, budget);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { name } = template;
    throw new InvalidInputError(`template ${name}: ${error.message}`, { template: name, ...error.place });
  }
}

function readPart(template: NotificationTemplate, channel: Channel, service: ServiceName, compiled: CompiledTemplates): unknown {
  try {
    return compiled.partOf(template, channel, service);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const said = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new InvalidInputError(`template ${template.name}: ${said}`, { template: template.name }, messageOf(error));
  }
}

function renderTexts(value: unknown, place: string, render: (text: string, place: string) => string, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new InvalidInputError(`${place} is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value === 'string') return render(value, place);
  if (Array.isArray(value)) return value.map((item, i) => renderTexts(item, `${place}.${i}`, render, depth + 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, renderTexts(member, `${place}.${key}`, render, depth + 1)]));
}

/** A part's own subject, else the first line of the text. */
function titleOf(parts: unknown, body: string): string {
  const subject = isObject(parts) && typeof parts.subject === 'string' ? parts.subject : '';
  const line = [subject, ...body.split('\n')].map((text) => text.trim()).find((text) => text !== '') ?? '';
  return line.replace(/\s+/g, ' ').slice(0, MAX_TITLE);
}

function linksOf({ context, variables }: RenderInput): Message['links'] {
  const base = context.argocdUrl;
  const app = isObject(variables.app) && isObject(variables.app.metadata) ? variables.app.metadata : undefined;
  if (!base || typeof app?.name !== 'string') return [];
  const namespace = typeof app.namespace === 'string' ? `${app.namespace}/` : '';
  return [{ title: 'Open application', url: `${base.replace(/\/+$/, '')}/applications/${namespace}${app.name}` }];
}

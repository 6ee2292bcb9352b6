import { TemplateLimitError } from './template.errors.js';
import { MAX_FILLED_TEXT } from './text-budget.js';

/** `values[i]` is the text for the name `i` as `escapeJson` gives it, `undefined` when the parameter set lacks it. */
export type TemplateValues = readonly (string | undefined)[];

/** A piece of JSON text: as it stands, of a parameter, or worked out from parameters. */
export type Part = string | Slot | ((values: TemplateValues) => string);

export interface Slot {
  index: number;
  /** The tag as it was written. */
  literal: string;
  fallback?: string;
}

/** @throws TemplateError, TemplateLimitError */
export function write(parts: readonly Part[], values: TemplateValues): string {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else if (typeof part === 'function') text += part(values);
    else text += slotText(part, values);
    checkLength(text.length);
  }
  return text;
}

export function slotText(slot: Slot, values: TemplateValues): string {
  const value = values[slot.index];
  if (slot.fallback !== undefined) return value === undefined || value === '' ? slot.fallback : value;
  return value ?? slot.literal;
}

/** @throws TemplateLimitError */
export function checkLength(length: number): void {
  if (length > MAX_FILLED_TEXT) throw new TemplateLimitError(`the template makes more than ${MAX_FILLED_TEXT} characters of text`);
}

/** Two neighbouring literals cost two concatenations per target, so they are joined once. */
export function mergeLiterals<Other extends object>(parts: readonly (string | Other)[]): (string | Other)[] {
  const merged: (string | Other)[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === 'string' && typeof last === 'string') merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  return merged;
}

/** The same parts with the slots that are not open filled in. */
export function bindParts(parts: readonly Part[], values: TemplateValues, isOpen: (index: number) => boolean): Part[] {
  const bound = parts.map((part): Part => {
    if (typeof part === 'string') return part;
    if (typeof part === 'function') return (open) => part(values.map((value, i) => (isOpen(i) ? open[i] : value)));
    return isOpen(part.index) ? part : slotText(part, values);
  });
  return mergeLiterals(bound);
}

import { InvalidInputError } from './errors.js';

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Reads a duration as Go writes it (`90s`, `1h30m`, `500ms`); a bare number counts seconds, as in Argo CD.
 * @returns milliseconds
 * @throws InvalidInputError naming the text
 */
export function parseDuration(text: string | number): number {
  if (typeof text === 'number' || /^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new InvalidInputError(`${JSON.stringify(text)} is not a duration; write for example 30s, 5m or 1h30m`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[unit!]!, 0);
}

/** The shortest Go form of a duration: `1h30m`, `45s`, `250ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return parts.map((amount, i) => (amount > 0 ? `${amount}${'hms'[i]}` : '')).join('') || '0s';
}

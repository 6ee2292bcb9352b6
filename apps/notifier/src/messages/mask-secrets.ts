/** What stands for a value in previews and errors. */
export const MASKED = '++++++++';
/** A shorter value is part of too many words to be hidden. */
const MIN_LENGTH = 4;

/** A text without any of the values, whole or as a line of them. */
export function maskSecrets(text: string, secrets: ReadonlyMap<string, string>): string {
  let masked = text;
  const values = [...secrets.values()].flatMap((value) => [value, ...value.split('\n')]).filter((value) => value.length >= MIN_LENGTH);
  for (const value of new Set(values.toSorted((a, b) => b.length - a.length))) masked = masked.replaceAll(value, MASKED);
  return masked;
}

/** The same keys with nothing behind them, for a rendering that is shown to people. */
export function maskedSecrets(secrets: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...secrets.keys()].map((key) => [key, MASKED]));
}

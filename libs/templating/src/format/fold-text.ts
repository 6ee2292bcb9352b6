/** Column behind which go-yaml breaks a line at the next single space. */
const WIDTH = 80;

/**
 * A YAML scalar, its quotes included, over several lines as go-yaml folds it.
 * @param column where its first character stands.
 * @param hang column of the lines that go on.
 */
export function foldText(scalar: string, column: number, hang: number): string[] {
  const quote = /^['"]/.exec(scalar)?.[0];
  if (column + scalar.length <= WIDTH) return [scalar];
  const chars = [...scalar];
  // The quotes are no part of the text, and a break needs text on both of its sides.
  const [first, last] = quote ? [2, chars.length - 3] : [0, chars.length - 1];
  const lines: string[] = [];
  let line = '';
  let at = column;
  chars.forEach((char, i) => {
    const single = char === ' ' && chars[i - 1] !== ' ' && i >= first && i <= last;
    if (single && at > WIDTH && (quote === '"' || chars[i + 1] !== ' ')) {
      lines.push(line);
      // A space that would open the next line is marked as text.
      line = chars[i + 1] === ' ' ? '\\' : '';
      at = hang + line.length;
      return;
    }
    line += char;
    at++;
  });
  return [...lines, line];
}

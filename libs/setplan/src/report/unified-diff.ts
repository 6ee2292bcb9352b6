/** Beyond this product of differing lines a file is replaced as a whole, which is never wrong, only longer. */
const MAX_CELLS = 4_000_000;

type Line = { sign: ' ' | '-' | '+'; text: string };

export interface UnifiedDiffOptions {
  from: string;
  to: string;
  /** Equal lines around each change (default 3). */
  context?: number;
}

/** The unified diff of two texts as `diff -u` writes it, `''` for equal ones. */
export function unifiedDiff(before: string, after: string, { from, to, context = 3 }: UnifiedDiffOptions): string {
  if (before === after) return '';
  const lines = diffLines(splitLines(before), splitLines(after));
  const hunks = hunksOf(lines, context);
  return [`--- ${from}`, `+++ ${to}`, ...hunks, ''].join('\n');
}

function splitLines(text: string): string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** Longest common subsequence of what is left between equal beginnings and ends. */
function diffLines(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (text: string): Line => ({ sign: ' ', text });
  const middle = diffMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...before.slice(0, head).map(same), ...middle, ...before.slice(before.length - tail).map(same)];
}

function diffMiddle(before: readonly string[], after: readonly string[]): Line[] {
  const removed = before.map((text): Line => ({ sign: '-', text }));
  const added = after.map((text): Line => ({ sign: '+', text }));
  if (before.length * after.length > MAX_CELLS) return [...removed, ...added];
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      lines.push({ sign: ' ', text: before[i++]! });
      j++;
    } else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) lines.push(removed[i++]!);
    else lines.push(added[j++]!);
  }
  return [...lines, ...removed.slice(i), ...added.slice(j)];
}

function hunksOf(lines: readonly Line[], context: number): string[] {
  const written: string[] = [];
  for (const { start, end } of rangesOf(lines, context)) {
    const part = lines.slice(start, end);
    const before = lines.slice(0, start);
    written.push(`@@ -${place(before, part, '+')} +${place(before, part, '-')} @@`, ...part.map(({ sign, text }) => sign + text));
  }
  return written;
}

/** Spans of lines around the changes; those that touch are one. */
function rangesOf(lines: readonly Line[], context: number): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  for (const [i, { sign }] of lines.entries()) {
    if (sign === ' ') continue;
    const last = ranges.at(-1);
    const end = Math.min(i + context + 1, lines.length);
    if (last && i - context <= last.end) last.end = end;
    else ranges.push({ start: Math.max(i - context, 0), end });
  }
  return ranges;
}

/** `start,count` of one side; lines of the other side do not count, and an empty part starts at the line before it. */
function place(before: readonly Line[], part: readonly Line[], other: '-' | '+'): string {
  const count = (list: readonly Line[]): number => list.filter(({ sign }) => sign !== other).length;
  const size = count(part);
  const start = count(before) + (size === 0 ? 0 : 1);
  return size === 1 ? String(start) : `${start},${size}`;
}

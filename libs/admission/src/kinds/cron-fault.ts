const FIELDS = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] },
  { name: 'day of week', min: 0, max: 6, words: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
] as const;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Why a five-field schedule cannot be used, or undefined. The dialect is robfig/cron's as Argo CD uses it: no `@hourly`,
 * no day 7, no wrapping ranges; a schedule that can never come is refused (ours: Argo CD takes it as always active).
 */
export function cronFault(schedule: string): string | undefined {
  if (schedule.length > 256) return 'is too long for a schedule';
  const fields = schedule
    .replace(/^(CRON_)?TZ=\S+\s+/, '')
    .trim()
    .split(/\s+/);
  if (fields.length !== FIELDS.length) return `must have 5 fields, and has ${fields.length}`;
  const values: number[][] = [];
  for (const [i, text] of fields.entries()) {
    const field = FIELDS[i]!;
    const read = readField(text, field);
    if (!read) return `has a ${field.name} that cannot be read: ${text}`;
    values.push(read);
  }
  const [, , days = [], months = []] = values;
  const star = (text: string | undefined) => text === '*' || text === '?' || text?.startsWith('*/1') === true;
  if (star(fields[2]) || !star(fields[4])) return undefined;
  const comes = months.some((month) => days.some((day) => day <= DAYS[month - 1]!));
  return comes ? undefined : 'never comes';
}

function readField(text: string, field: (typeof FIELDS)[number]): number[] | undefined {
  const values: number[] = [];
  for (const item of text.split(',')) {
    const match = /^(\*|\?|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item);
    if (!match) return undefined;
    const [, all, low, high, step = '1'] = match;
    const first = all === '*' || all === '?' ? field.min : readValue(low!, field);
    const last = all === '*' || all === '?' ? field.max : high !== undefined ? readValue(high, field) : match[4] ? field.max : first;
    if (first === undefined || last === undefined || first > last || Number(step) < 1) return undefined;
    for (let value = first; value <= last; value += Number(step)) values.push(value);
  }
  return values;
}

function readValue(text: string, field: (typeof FIELDS)[number]): number | undefined {
  const words: readonly string[] = 'words' in field ? field.words : [];
  const word = words.indexOf(text.toUpperCase());
  const value = word >= 0 ? word + field.min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= field.min && value <= field.max ? value : undefined;
}

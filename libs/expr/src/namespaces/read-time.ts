import { GoDuration, type GoTime, parseGoDuration, parseTime } from '@flotilla/templating';
import { ExprFailedError } from '../expr.errors.js';

const RFC3339 = '2006-01-02T15:04:05Z07:00';
/** What `date` tries in turn when no layout is given. */
const DATE_LAYOUTS = ['2006-01-02', '15:04:05', '2006-01-02 15:04:05', RFC3339, 'Mon, 02 Jan 2006 15:04:05 MST'];

/** @throws ExprFailedError for a text in none of the layouts */
export function readTime(text: string, layouts: readonly string[] = [RFC3339]): GoTime {
  for (const layout of layouts) {
    const time = parseTime(layout, text);
    if (time) return time;
  }
  throw new ExprFailedError(`parsing time ${JSON.stringify(text.slice(0, 100))} as ${JSON.stringify(layouts[0])}: cannot parse`);
}

export const readDate = (text: string, layout: string | undefined): GoTime =>
  readTime(text, layout === undefined ? DATE_LAYOUTS : [layout]);

export function readDuration(text: string): GoDuration {
  const nanos = parseGoDuration(text);
  if (nanos === undefined) throw new ExprFailedError(`invalid duration ${JSON.stringify(text.slice(0, 100))}`);
  return new GoDuration(nanos);
}

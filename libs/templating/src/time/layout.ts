/** The elements of Go's time layouts, longest first where one begins another. */
const ELEMENTS = [
  'January',
  'Jan',
  'Monday',
  'Mon',
  'MST',
  '002',
  '01',
  '02',
  '03',
  '04',
  '05',
  '06',
  '2006',
  '_2006',
  '__2',
  '_2',
  '15',
  'PM',
  'pm',
  'Z070000',
  'Z07:00:00',
  'Z0700',
  'Z07:00',
  'Z07',
  '-070000',
  '-07:00:00',
  '-0700',
  '-07:00',
  '-07',
  '1',
  '2',
  '3',
  '4',
  '5',
];
const BY_LENGTH = ELEMENTS.toSorted((a, b) => b.length - a.length);
const FRACTION = /^[.,](?:0+|9+)(?!\d)/;

/** A piece of a layout: text as it stands, or an element to fill in. */
export interface LayoutPart {
  text: string;
  isElement: boolean;
}

/** Cuts a layout such as `2006-01-02 15:04:05.000 MST` into its parts. */
export function layoutParts(layout: string): LayoutPart[] {
  const parts: LayoutPart[] = [];
  let literal = '';
  for (let at = 0; at < layout.length; ) {
    const element = elementAt(layout, at);
    if (element === undefined) {
      literal += layout[at++];
      continue;
    }
    if (element === '_2006') {
      // Go reads a space-filled day only where no year follows: the underscore is text.
      literal += '_';
      at++;
      continue;
    }
    if (literal !== '') parts.push({ text: literal, isElement: false });
    literal = '';
    parts.push({ text: element, isElement: true });
    at += element.length;
  }
  if (literal !== '') parts.push({ text: literal, isElement: false });
  return parts;
}

function elementAt(layout: string, at: number): string | undefined {
  const rest = layout.slice(at, at + 40);
  const fraction = FRACTION.exec(rest)?.[0];
  if (fraction) return fraction;
  return BY_LENGTH.find((element) => rest.startsWith(element) && !(element === 'Jan' && /^[a-z]/.test(rest.slice(3))));
}

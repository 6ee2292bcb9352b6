import { ExprFunction, type Mapping, textOf } from '../values.js';

const ofText = (name: string, change: (text: string) => string): ExprFunction =>
  new ExprFunction(([value], budget) => {
    const text = textOf(value, `strings.${name}`);
    budget.text(text.length);
    return change(text);
  });

/** Argo CD's `strings`. */
export const stringsNamespace: Mapping = {
  ReplaceAll: new ExprFunction((args, budget) => {
    const [text, from, to] = [0, 1, 2].map((i) => textOf(args[i], 'strings.ReplaceAll')) as [string, string, string];
    budget.text(text.length + (from === '' ? text.length + 1 : Math.floor(text.length / from.length)) * to.length);
    return text.replaceAll(from, () => to);
  }),
  ToUpper: ofText('ToUpper', (text) => text.toUpperCase()),
  ToLower: ofText('ToLower', (text) => text.toLowerCase()),
};

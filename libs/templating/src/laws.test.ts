import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Budget } from './execute/budget.js';
import { compileGoTemplate, goFunctions, TemplateError, toGoValue } from './index.js';
import { Pattern } from './sprig/pattern.js';

/** Pieces from which both good and bad templates come together. */
const action = fc.oneof(
  fc.constantFrom(
    '.a',
    '.a.b',
    '$',
    '$x',
    '.',
    'nil',
    '1',
    '-2.5',
    '"t"',
    '`r`',
    'true',
    '(',
    ')',
    '|',
    ':=',
    '=',
    ',',
    '.list',
    '.map',
    '$x := .list',
  ),
  fc.constantFrom('if', 'else', 'end', 'range', 'with', 'define "t"', 'template "t"', 'block "b"', 'break', 'continue', '/* c */', '-'),
  fc.constantFrom(...Object.keys(goFunctions)),
);
const piece = fc.oneof(
  fc.array(action, { maxLength: 5 }).map((words) => `{{${words.join(' ')}}}`),
  fc.constantFrom('{{', '}}', '{{- ', ' -}}', '\n', 'text', '{{end}}', '{{else}}', '{{range .list}}', '{{if .a}}'),
  fc.string({ maxLength: 4 }),
);
const source = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
const data = { a: { b: 'x' }, list: [1, 'y', null], map: { k: [true] } };

describe('whatever the template', () => {
  test('reading and executing it gives a text or a TemplateError, within its steps', () => {
    fc.assert(
      fc.property(source, (text) => {
        try {
          const output = compileGoTemplate(text).execute(data, { maxSteps: 5_000, maxText: 100_000 });
          expect(typeof output).toBe('string');
        } catch (error) {
          if (!(error instanceof TemplateError)) throw error;
          expect(error.message).not.toBe('');
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('any function with any arguments gives a value or a TemplateError, and changes the data only where that is said of it', () => {
    const argument = fc.constantFrom(
      'nil',
      '1',
      '-1',
      '0',
      '99999999',
      '1.5',
      '""',
      '"a"',
      '"é𝄞"',
      'true',
      '.',
      '.a',
      '.list',
      '.map',
      '.nope',
      '(list)',
      '(dict)',
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(goFunctions)), fc.array(argument, { maxLength: 4 }), (name, args) => {
        const given = toGoValue(data);
        let mayChangeData = true;
        try {
          const template = compileGoTemplate(`{{${name} ${args.join(' ')}}}`);
          ({ mayChangeData } = template);
          template.execute(given, { maxSteps: 5_000, maxText: 100_000 });
        } catch (error) {
          if (!(error instanceof TemplateError)) throw error;
          expect(error.message).not.toContain('of the wrong type');
        }
        if (!mayChangeData) expect(given).toEqual(toGoValue(data));
      }),
      { numRuns: 3000 },
    );
  });

  test('the same data gives the same text', () => {
    fc.assert(
      fc.property(source, (text) => {
        const attempt = () => {
          try {
            return compileGoTemplate(text).execute(data, { maxSteps: 5_000, maxText: 100_000 });
          } catch (error) {
            return (error as Error).message;
          }
        };
        expect(attempt()).toBe(attempt());
      }),
      { numRuns: 500 },
    );
  });
});

test('a regular expression finds what the platform finds, where both read it alike', () => {
  const part = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(?:ab)', 'a*', 'b+?', 'a{1,2}', '(a*)b', '^', '$', '\\b', '\\w');
  const pattern = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ' '), { maxLength: 10 }).map((chars) => chars.join(''));
  fc.assert(
    fc.property(pattern, text, (expression, subject) => {
      const match = new RegExp(expression, 'u').exec(subject);
      const found = new Pattern(expression).find(subject, 0, new Budget());
      expect(found?.slice(0, 2)).toEqual(match ? [match.index, match.index + match[0].length] : undefined);
    }),
    { numRuns: 1500 },
  );
});

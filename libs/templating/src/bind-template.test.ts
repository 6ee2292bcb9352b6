import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileJson, escapeJson, isAscii, type LeafType, MAX_FILLED_TEXT, type TemplateValues } from './index.js';

const NAMES = ['a', 'b', 'c', 'd'];
const leafType = (path: string): LeafType | undefined => (path === 'on' ? 'boolean' : undefined);
const texts = fc.oneof(fc.constantFrom('', 'x', 'cluster-0001', 'quo"te', 'y'.repeat(70)), fc.string(), fc.string({ unit: 'grapheme' }));
const values = fc.array(fc.option(texts.map(escapeJson), { nil: undefined }), { minLength: NAMES.length, maxLength: NAMES.length });
const text = fc
  .array(fc.constantFrom('{{a}}', '{{b}}', '{{ c }}', '{{d | default "9"}}', '{{}}', 'plain', 'ü'), { maxLength: 5 })
  .map((parts) => parts.join(''));
const documents = fc.record({ name: text, labels: fc.dictionary(fc.constantFrom('k', '{{a}}', '{{b}}-l'), text), list: fc.array(text) });

const compile = (document: unknown) => compileJson(document, leafType, NAMES);

describe('a template with some values filled in', () => {
  test('writes with the open ones what the whole template writes with all', () => {
    fc.assert(
      fc.property(documents, values, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), (document, all, open) => {
        const template = compile(document);
        const isOpen = (i: number): boolean => open[i]!;
        const bound = template.bind(
          all.map((value, i) => (isOpen(i) ? 'not this one' : value)),
          isOpen,
        );
        expect(bound.render(all.map((value, i) => (isOpen(i) ? value : 'nor this')))).toBe(template.render(all));
      }),
    );
  });

  test('writes the same as bytes, whatever it wrote before', () => {
    const isPlain = (all: TemplateValues): boolean => all.every((value) => isAscii(value ?? ''));
    fc.assert(
      fc.property(documents, fc.array(values.filter(isPlain), { maxLength: 6 }), (document, sequence) => {
        const template = compile(document);
        const { ascii } = template.bind([], () => true);
        for (const all of sequence) if (ascii) expect(Buffer.from(ascii.write(all)).toString()).toBe(template.render(all));
      }),
    );
  });

  test('has no bytes when it needs more than ASCII, or works a leaf out', () => {
    const asciiOf = (document: unknown) => compile(document).bind([], () => true).ascii;
    expect(Buffer.from(asciiOf({ name: 'plain {{a}}' })!.write(['x'])).toString()).toBe('{"name":"plain x"}');
    expect(asciiOf({ name: 'plän {{a}}' })).toBeUndefined();
    expect(asciiOf({ name: '{{a | default "ö"}}' })).toBeUndefined();
    expect(asciiOf({ on: '{{a}}' })).toBeUndefined();
    expect(asciiOf({ labels: { '{{a}}': 'x' } })).toBeUndefined();
  });

  test('is bounded in either form', () => {
    const bound = compile({ name: '{{a}}{{a}}' }).bind([], () => true);
    const long = ['x'.repeat(MAX_FILLED_TEXT / 2)];
    expect(() => bound.render(long)).toThrow(`more than ${MAX_FILLED_TEXT} characters`);
    expect(Buffer.from(bound.ascii!.write(['x'])).toString()).toBe('{"name":"xx"}');
    // Again and again: the second one has the lengths of the first, which was never written.
    for (const _ of [1, 2]) expect(() => bound.ascii!.write(long)).toThrow(`more than ${MAX_FILLED_TEXT} characters`);
    expect(Buffer.from(bound.ascii!.write(['y'])).toString()).toBe('{"name":"yy"}');
  });
});

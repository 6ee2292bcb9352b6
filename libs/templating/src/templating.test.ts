import { canonicalJson } from '@flotilla/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compileFiller,
  compileJson,
  compileText,
  escapeJson,
  fillText,
  MAX_FILLED_TEXT,
  MAX_TEMPLATE_TEXT,
  sanitizeName,
  TemplateLimitError,
} from './index.js';

const fill = (source: string, params: Record<string, unknown> = {}) => fillText(compileText(source), (name) => params[name]);
const render = (document: unknown, params: Record<string, string>) => {
  const template = compileJson(document);
  return template.render(template.names.map((name) => (params[name] === undefined ? undefined : escapeJson(params[name]))));
};

describe('a plain template text', () => {
  test('takes the parameter whose name stands in the braces, spaces aside', () => {
    expect(fill('app-{{name}}-{{ env }}', { name: 'web', env: 'dev' })).toBe('app-web-dev');
    expect(fill('{{path[0]}}/{{metadata.labels.a/b}}', { 'path[0]': 'apps', 'metadata.labels.a/b': 'x' })).toBe('apps/x');
  });

  test('keeps unknown, empty and non-text tags as written, inner spaces too', () => {
    expect(fill('{{ nope }}|{{}}|{{list}}', { list: ['a'] })).toBe('{{ nope }}|{{}}|{{list}}');
  });

  test('without a complete tag on one line is left alone, else tags may span lines', () => {
    expect(fill('{{a\n}} {{', { a: '1' })).toBe('{{a\n}} {{');
    expect(fill('{{b}} {{a\n}}', { a: '1', b: '2' })).toBe('2 1');
    expect(() => fill('{{a}} {{b', {})).toThrow('"}}"');
  });

  test('reads `name | default "x"` as a fallback and any other pipe as an unknown tag', () => {
    expect(compileText('{{ size | default "2\\"" }}').parts).toEqual([{ raw: ' size | default "2\\"" ', name: 'size', fallback: '2"' }]);
    expect(fill('{{name | upper}}', { name: 'x' })).toBe('{{name | upper}}');
  });
});

describe('a compiled document', () => {
  test('renders straight to canonical JSON, map keys too', () => {
    const text = render({ z: '{{a}}', labels: { '{{k}}': 'v', b: 1 }, list: ['{{a}}', null, true] }, { a: 'q"\n', k: 'c' });
    expect(text).toBe('{"labels":{"b":1,"c":"v"},"list":["q\\"\\n",null,true],"z":"q\\"\\n"}');
  });

  test('says where each parameter is used, and writes a fallback for a missing or empty one', () => {
    const template = compileJson({ spec: { sources: [{ path: '{{p}}' }], v: '{{r | default "2"}}' } });
    expect(template.uses.map(({ path, tag }) => [path, tag.name])).toEqual([
      ['spec.sources[0].path', 'p'],
      ['spec.v', 'r'],
    ]);
    expect(template.render([undefined, ''])).toBe('{"spec":{"sources":[{"path":"{{p}}"}],"v":"2"}}');
  });

  test('turns a typed leaf into a boolean or number, or says that it cannot', () => {
    const template = compileJson({ prune: '{{auto}}', name: '{{auto}}' }, (path) => (path === 'prune' ? 'boolean' : undefined));
    expect(template.typed).toEqual([{ path: 'prune', type: 'boolean' }]);
    expect(template.render(['false'])).toBe('{"name":"false","prune":false}');
    expect(() => template.render(['maybe'])).toThrow('prune must be a boolean, and its template gave "maybe"');
  });

  test('always gives the canonical text of the object a naive substitution gives', () => {
    const leaf = fc.oneof(fc.string(), fc.constantFrom('{{a}}', 'x{{b}}y', '{{ c }}'), fc.integer(), fc.boolean());
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 4 }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, fc.string(), fc.string(), (value, a, b) => {
        const params: Record<string, string> = { a, b };
        const naive = compileFiller(value).fill((name) => params[name]);
        expect(render(value, params)).toBe(canonicalJson(naive));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a hostile plain template', () => {
  const long = 'x'.repeat(MAX_FILLED_TEXT / 4);

  test('that would fill the memory is an error that names the limit, in a text, a value and a document', () => {
    const bomb = '{{a}}'.repeat(5);
    expect(() => fill(bomb, { a: long })).toThrow(TemplateLimitError);
    const lookup = () => long;
    expect(() => compileFiller(Array.from({ length: 5 }, () => '{{a}}')).fill(lookup)).toThrow(`more than ${MAX_FILLED_TEXT} characters`);
    expect(compileFiller(['{{a}}', '{{a}}', '{{a}}']).fill(lookup)).toEqual([long, long, long]);
    expect(() => compileJson({ a: bomb }).render([long])).toThrow(TemplateLimitError);
    expect(() => compileJson({ '{{a}}': ['{{a}}', '{{a}}', '{{a}}', '{{a}}'] }).render([long])).toThrow(TemplateLimitError);
  });

  test('of braces alone is read in one pass', () => {
    const braces = '{'.repeat(MAX_TEMPLATE_TEXT);
    expect(fill(braces)).toBe(braces);
    expect(fill('{{\n}}'.repeat(1_000))).toBe('{{\n}}'.repeat(1_000));
  });
});

test('sanitized names are what Kubernetes takes as a name', () => {
  expect(sanitizeName('My_App/1.2-')).toBe('my-app-1.2');
  expect(sanitizeName(`-${'a'.repeat(300)}`)).toBe('a'.repeat(252));
});

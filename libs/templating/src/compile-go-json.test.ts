import { canonicalJson } from '@flotilla/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGoJson, compileGoTemplate } from './index.js';

describe('a document of Go templates', () => {
  test('renders straight to canonical JSON, map keys too', () => {
    const template = compileGoJson({ z: '{{.a}}', labels: { '{{.k}}': 'v', b: 1 }, list: ['{{.a}}', null, true] });
    expect(template.render({ a: 'q"\n', k: 'c' })).toBe('{"labels":{"b":1,"c":"v"},"list":["q\\"\\n",null,true],"z":"q\\"\\n"}');
    expect(template.hasTags).toBe(true);
    expect(compileGoJson({ a: 'plain }}' }).hasTags).toBe(false);
  });

  test('says which parameters each text names', () => {
    const template = compileGoJson({
      spec: {
        path: '{{.path.path}}/{{index .metadata.labels "app/x"}}',
        v: '{{range .list}}{{.inner}}{{$.n}}{{end}}{{with .w}}{{.inner}}{{else}}{{.e}}{{end}}{{if (eq .t 1)}}{{.u}}{{end}}',
      },
    });
    expect(template.names).toEqual(['path.path', 'metadata.labels.app/x', 'list', 'n', 'w', 'e', 't', 'u']);
    expect(template.uses[0]).toEqual({ path: 'spec.path', tag: { raw: '.path.path', name: 'path.path' } });
  });

  test('names the field in errors, when it is read and when it is written', () => {
    expect(() => compileGoJson({ spec: { sources: [{ path: '{{.a' }] } })).toThrow('template: spec.sources[0].path:1: unclosed action');
    const template = compileGoJson({ metadata: { name: '{{.nope}}' } }, { options: ['missingkey=error'] });
    expect(() => template.render({})).toThrow(
      'template: metadata.name:1:2: executing "metadata.name" at <.nope>: map has no entry for key "nope"',
    );
  });

  test('turns a typed leaf into a boolean or number, or says that it cannot', () => {
    const template = compileGoJson(
      { prune: '{{.auto}}', n: '{{.auto}}' },
      { leafType: (path) => (path === 'prune' ? 'boolean' : undefined) },
    );
    expect(template.typed).toEqual([{ path: 'prune', type: 'boolean' }]);
    expect(template.render({ auto: true })).toBe('{"n":"true","prune":true}');
    expect(() => template.render({ auto: 'maybe' })).toThrow('prune must be a boolean');
  });

  test('lets a later field see what an earlier one set, metadata before spec', () => {
    const template = compileGoJson({ spec: { v: '{{.m.x}}' }, metadata: { name: '{{$_ := set .m "x" "set"}}n' } });
    const data = { m: {} };
    expect(template.render(data)).toBe('{"metadata":{"name":"n"},"spec":{"v":"set"}}');
    expect(data).toEqual({ m: {} });
  });

  test('has one budget for all its texts', () => {
    const template = compileGoJson(Array.from({ length: 50 }, () => '{{range until 100}}{{end}}'));
    expect(() => template.render({}, { maxSteps: 5_000 })).toThrow('more than 5000 steps');
  });

  test('always gives the canonical text of rendering each text by itself', () => {
    const leaf = fc.oneof(fc.string(), fc.constantFrom('{{.a}}', 'x{{.b | quote}}y', '{{ len .a }}'), fc.integer(), fc.boolean());
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.oneof(fc.stringMatching(/^[a-z]{1,5}$/), fc.constantFrom('{{.a}}')), tie('node'), { maxKeys: 4 }),
      ),
    })).node;
    const each = (value: unknown, data: object): unknown => {
      if (typeof value === 'string') return compileGoTemplate(value).execute(data);
      if (Array.isArray(value)) return value.map((item) => each(item, data));
      if (typeof value !== 'object' || value === null) return value;
      const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(members.map(([key, member]) => [each(key, data), each(member, data)]));
    };
    fc.assert(
      fc.property(tree, fc.string(), fc.string(), (value, a, b) => {
        if (/\{\{(?!\.a\}\}|\.b \| quote\}\}| len \.a \}\})/.test(JSON.stringify(value))) return;
        expect(compileGoJson(value).render({ a, b })).toBe(canonicalJson(each(value, { a, b })));
      }),
      { numRuns: 200 },
    );
  });
});

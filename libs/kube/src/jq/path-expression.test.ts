import { describe, expect, test } from 'vitest';
import { compilePathExpression, deletePaths } from './path-expression.js';

const OBJECT = {
  metadata: { annotations: { 'a.b/c': 'x', keep: 'y' }, labels: {} },
  spec: {
    replicas: 3,
    containers: [
      {
        name: 'web',
        image: 'web:1',
        env: [
          { name: 'A', value: '1' },
          { name: 'ISTIO_B', value: '2' },
        ],
      },
      { name: 'istio-proxy', image: 'proxy:1', resources: { limits: { cpu: '1' } } },
    ],
    ports: [80, 443, 8080],
    nothing: null,
  },
  webhooks: [
    { name: 'one', clientConfig: { caBundle: 'AAA', url: 'u' } },
    { name: 'two', clientConfig: { url: 'v' } },
  ],
};

const pathsOf = (text: string): string[] =>
  compilePathExpression(text)
    .paths(OBJECT)
    .map((path) => path.join('/'));

describe('a jq path expression', () => {
  test.each([
    ['.spec.replicas', ['spec/replicas']],
    ['.metadata.annotations["a.b/c"]', ['metadata/annotations/a.b/c']],
    ['.metadata.annotations."a.b/c"', ['metadata/annotations/a.b/c']],
    ['.["spec"]["replicas"]', ['spec/replicas']],
    ['.webhooks[].clientConfig.caBundle', ['webhooks/0/clientConfig/caBundle', 'webhooks/1/clientConfig/caBundle']],
    ['.webhooks[]?.clientConfig.caBundle', ['webhooks/0/clientConfig/caBundle', 'webhooks/1/clientConfig/caBundle']],
    ['.spec.initContainers[]?', []],
    ['.spec.containers[0].image', ['spec/containers/0/image']],
    ['.spec.ports[-1]', ['spec/ports/2']],
    ['.spec.containers[] | select(.name == "istio-proxy")', ['spec/containers/1']],
    ['.spec.containers[] | select(.name == "istio-proxy") | .resources.limits.cpu', ['spec/containers/1/resources/limits/cpu']],
    ['(.spec.containers[] | select(.name != "web")).image', ['spec/containers/1/image']],
    ['.spec.containers[].env[]? | select(.name | startswith("ISTIO_"))', ['spec/containers/0/env/1']],
    ['.spec.containers[] | select(.name | test("^istio-.*$"))', ['spec/containers/1']],
    ['.spec.containers[] | select(.env | not)', ['spec/containers/1']],
    ['.spec.containers[] | select(has("resources") and .name != "web" or false)', ['spec/containers/1']],
    ['.spec.ports[] | select(. > 100 and . < 1000)', ['spec/ports/1']],
    ['.spec.replicas, .spec.ports', ['spec/replicas', 'spec/ports']],
    ['.. | select(type == "object" and has("caBundle")).caBundle', ['webhooks/0/clientConfig/caBundle']],
  ])('%s', (text, expected) => {
    expect(pathsOf(text)).toEqual(expected);
  });

  test('`..` with `?` finds a member wherever there is an object', () => {
    expect(pathsOf('.. | .caBundle?')).toContain('webhooks/0/clientConfig/caBundle');
  });

  test('has no effect where jq would fail', () => {
    expect(pathsOf('.spec.nothing[]')).toEqual([]);
    expect(pathsOf('.spec.replicas.deeper')).toEqual([]);
    expect(pathsOf('.spec.replicas, .spec.nothing[]')).toEqual([]);
    expect(pathsOf('.spec.replicas == 3')).toEqual([]);
  });

  test.each([
    '.spec[',
    '.spec |',
    'del(.spec)',
    '.spec | to_entries',
    '.spec = 1',
    '.a // .b',
    '.spec.ports[1:2]',
    '$ENV.PATH',
    'input',
    'def f: f; f',
    '.spec.my-field',
    '.spec.containers[] | select(.name | test("(a+)+$"))',
    '.spec.containers[] | select(.name | test(.image))',
    `${'('.repeat(60)}.${')'.repeat(60)}`,
    `.${'a'.repeat(3_000)}`,
    'constructor',
  ])('%s is refused', (text) => {
    expect(() => compilePathExpression(text)).toThrow(/jq expression|test\(|test takes/);
  });

  test('that multiplies its work ends, and then counts for nothing', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100; i++) deep = [deep];
    expect(compilePathExpression('..').paths(deep)).toHaveLength(101);
    expect(compilePathExpression('.. | .. | .. | ..').paths(deep)).toEqual([]);
  });
});

describe('deleting paths', () => {
  const del = (text: string): unknown => deletePaths(OBJECT, compilePathExpression(text).paths(OBJECT));

  test('takes members and elements out of a copy, the last elements first', () => {
    expect(del('.spec.ports[0], .spec.ports[2], .spec.ports[0], .spec.none.deep')).toMatchObject({ spec: { ports: [443] } });
    expect(OBJECT.spec.ports).toEqual([80, 443, 8080]);
    expect(del('.webhooks[].clientConfig.caBundle')).toMatchObject({
      webhooks: [
        { name: 'one', clientConfig: { url: 'u' } },
        { name: 'two', clientConfig: { url: 'v' } },
      ],
    });
  });

  test('never reaches what is not a member of its own', () => {
    expect(del('.__proto__.polluted, .constructor')).toEqual(OBJECT);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

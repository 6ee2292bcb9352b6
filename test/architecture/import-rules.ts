import { join } from 'node:path';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';

/** Libraries by kind; a new one must be added here, which is the moment to think about what it may import. */
export const PURE = [
  'admission',
  'bundle',
  'contracts',
  'expr',
  'generators',
  'kernel',
  'keyring',
  'kube',
  'policy',
  'render',
  'selector',
  'setplan',
  'templating',
  'yaml',
];
export const KITS = [
  'blobs',
  'config',
  'http',
  'scm',
  'kubeapi',
  'kubeclient',
  'localserver',
  'messaging',
  'persistence',
  'platform',
  'reconcile',
  'resources',
  'sandbox',
  'sinks',
  'telemetry',
  'tls',
];
export const TEST_LIBS = ['testkit'];

/** What the pure libraries may take from outside; Node's own modules without I/O are allowed besides. */
const PURE_VENDORS = ['zod', 'js-yaml', '@hpke/core', 're2js'];
const PURE_NODE_MODULES = ['crypto', 'buffer', 'path', 'zlib', 'util', 'timers/promises'];
const TESTS = '\\.(test|contract|fake)\\.ts$|/testing(\\.ts|/)|/bench/';

const lib = (names: readonly string[]): string => `^libs/(${names.join('|')})/`;
const vendor = (...names: string[]): string => `node_modules/(${names.join('|')})(/|$)`;

export const IMPORT_RULES: IForbiddenRuleType[] = [
  { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
  { name: 'could-not-resolve', severity: 'error', from: {}, to: { couldNotResolve: true } },
  {
    name: 'pure-imports-pure',
    severity: 'error',
    comment: 'A pure library imports pure libraries and a short list of vendors, so that it can be read and tested alone.',
    from: { path: lib(PURE), pathNot: TESTS },
    to: { path: '^(libs|apps)/|node_modules/', pathNot: [lib(PURE), vendor(...PURE_VENDORS)] },
  },
  {
    name: 'pure-without-io',
    severity: 'error',
    from: { path: lib(PURE), pathNot: [TESTS, '^libs/keyring/src/master-key'] },
    to: { dependencyTypes: ['core'], pathNot: `^(node:)?(${PURE_NODE_MODULES.join('|')})$` },
  },
  {
    name: 'kits-below-apps',
    severity: 'error',
    from: { path: lib([...PURE, ...KITS, ...TEST_LIBS]) },
    to: { path: '^apps/' },
  },
  {
    name: 'apps-apart',
    severity: 'error',
    comment: 'Services meet in messages only; the hub alone composes their modules.',
    from: { path: '^apps/([^/]+)/', pathNot: '^apps/hub/|\\.kube\\.test\\.ts$' },
    to: { path: '^apps/', pathNot: '^apps/$1/' },
  },
  {
    name: 'hub-imports-modules',
    severity: 'error',
    from: { path: '^apps/hub/' },
    to: { path: '^apps/', pathNot: ['^apps/hub/', '\\.(module|config)\\.ts$', '/src/index\\.ts$'] },
  },
  {
    name: 'testkit-in-tests',
    severity: 'error',
    from: { path: '^(libs|apps)/', pathNot: [TESTS, '^libs/testkit/'] },
    to: { path: [lib(TEST_LIBS), '^libs/[^/]+/src/testing(\\.ts|/)'] },
  },
  {
    name: 'sinks-in-tests-and-demo',
    severity: 'error',
    comment: 'Servers that take messages are there to show and to test what is sent; nothing that is shipped runs one.',
    from: { path: '^(libs|apps)/', pathNot: [TESTS, '^libs/(sinks|testkit)/', '^apps/demo/'] },
    to: { path: lib(['sinks']) },
  },
  {
    name: 'one-importer-of-nats',
    severity: 'error',
    from: { pathNot: ['^libs/messaging/', '^apps/agent/', '^libs/testkit/', TESTS] },
    to: { path: vendor('@nats-io') },
  },
  {
    name: 'one-importer-of-typeorm',
    severity: 'error',
    from: { pathNot: ['^libs/persistence/', '^libs/testkit/'] },
    to: { path: vendor('typeorm', 'pg') },
  },
  {
    name: 'nest-at-the-edge',
    severity: 'error',
    comment: 'Use cases and models are plain classes and functions.',
    from: {
      path: '^(apps|libs)/',
      pathNot: [
        '[.](module|controller|guard|transport)[.]ts$',
        '/main[.]ts$',
        '^libs/messaging/',
        '^apps/hub/src/start-services',
        '^libs/platform/src/run-service',
        TESTS,
      ],
    },
    to: { path: vendor('@nestjs') },
  },
  {
    name: 'agent-stays-small',
    severity: 'error',
    comment:
      'Nest, TypeORM, OpenTelemetry and client-node each cost the agent tens of MiB; what only few agents need is loaded when they do.',
    from: { path: '^apps/agent/', pathNot: TESTS },
    to: {
      path: [
        vendor('@nestjs', 'typeorm', 'pg', '@kubernetes', '@opentelemetry', 'undici'),
        lib(['messaging', 'persistence', 'resources', 'telemetry']),
      ],
      dynamic: false,
    },
  },
];

/** Checks the imports below `directories` of `root` against the rules. */
export async function checkImports(root: string, directories: readonly string[]): Promise<ICruiseResult> {
  const { output } = await cruise(
    directories.map((directory) => join(directory, '*/{src,migrations}/**/*.ts')),
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: IMPORT_RULES },
      parser: 'swc',
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: ['/dist/', '/fleet-repo/'] },
      enhancedResolveOptions: {
        conditionNames: ['@flotilla/source', 'types', 'import', 'node', 'default'],
        exportsFields: ['exports'],
        extensions: ['.ts', '.js'],
      },
      outputType: 'json',
    },
  );
  return (typeof output === 'string' ? JSON.parse(output) : output) as ICruiseResult;
}

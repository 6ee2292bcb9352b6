import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseSync } from '@swc/core';

const FILE_LINES = 250;
const FUNCTION_LINES = 60;
const CONSTRUCTOR_PARAMETERS = 5;
const FOLDER_FILES = 18;
const MEDIAN_LINES = 80;

export interface SourceFile {
  path: string;
  text: string;
}

/** A law about one file; returns what is wrong with it, nothing when it keeps the law. */
export interface FileRule {
  name: string;
  applies?(path: string): boolean;
  check(file: SourceFile): string[];
}

const isTest = (path: string): boolean => /\.(test|contract)\.ts$|\/testing(\.ts$|\/)|^test\//.test(path);
const ROLES =
  'store|client|link|consumer|responder|controller|guard|config|module|row|mapper|view|errors|generator|renderer|channel|provider|storage|transport|suite|schema';
const KINDS = 'pg|nats|kube|disk|https|memory|fake|contract|test|bench';
const FILE_NAME = new RegExp(`^(\\d{13}-)?[a-z0-9]+(-[a-z0-9]+)*(\\.(${ROLES}))?(\\.(${KINDS}))*\\.ts$`);

/** Findings of a pattern, with line numbers; comments and strings count too, as none of these words has a reason to be there. */
const pattern = (name: string, regex: RegExp, applies?: FileRule['applies']): FileRule => ({
  name,
  applies,
  check: ({ text }) => text.split('\n').flatMap((line, i) => (regex.test(line) ? [`line ${i + 1}: ${line.trim().slice(0, 100)}`] : [])),
});

interface Node {
  type: string;
  span?: { start: number; end: number };
  [field: string]: unknown;
}

export const FILE_RULES: FileRule[] = [
  { name: 'file-name', check: ({ path }) => (FILE_NAME.test(basename(path)) ? [] : [`${basename(path)} is not concept.role[.kind].ts`]) },
  {
    name: 'no-drawer-names',
    check: ({ path }) =>
      /(^|[/.-])(utils?|helpers?|common|shared|misc|impl)([/.-]|$)/.test(path.replace(/\.ts$/, '')) ? ['names a drawer, not an idea'] : [],
  },
  { name: 'file-lines', check: ({ text }) => over('lines', text.split('\n').length - 1, FILE_LINES) },
  {
    name: 'function-lines',
    applies: (path) => !isTest(path),
    check: (file) => functions(file).flatMap(({ name, lines }) => over(`lines in ${name}`, lines, FUNCTION_LINES)),
  },
  {
    name: 'constructor-parameters',
    check: (file) =>
      functions(file).flatMap(({ name, parameters }) =>
        name === 'constructor' ? over('constructor parameters', parameters, CONSTRUCTOR_PARAMETERS) : [],
      ),
  },
  pattern('no-default-export', /^\s*export default /),
  pattern('no-export-star', /^\s*export \*/),
  pattern('no-any', /(: any\b|\bas any\b|<any>|@ts-(ignore|nocheck|expect-error)|(biome|eslint|oxlint)-(ignore|disable))/),
  pattern('no-mocks', /\bvi\.(mock|fn|spyOn)\(/, (path) => !path.startsWith('libs/testkit/')),
  pattern('no-skipped-tests', /\b(test|it|describe)\.(skip|only|todo|skipIf|runIf)\b/),
  pattern('no-leftovers', /\b(TODO|FIXME|XXX|HACK)\b/),
  pattern('no-forward-ref', /\bforwardRef\(/),
  pattern('no-synchronize', /synchronize:\s*true/),
  // Enrolment looks at the chain a hub shows, compares its authority with the digest in the join token, and only then sends anything.
  pattern('no-unverified-tls', /rejectUnauthorized:\s*false/, (path) => path !== 'apps/agent/src/enrol/hub.https.ts'),
  pattern('no-shell', /\bshell:\s*true\b|from 'node:child_process';.*\bexec\b(?!File)|\bexec\(`/),
  pattern(
    'environment-in-config',
    /\bprocess\.env\b/,
    (path) => path.startsWith('apps/') && !isTest(path) && !/(\.config|\/main|main)\.ts$/.test(path) && !path.startsWith('apps/demo/'),
  ),
  pattern(
    'decorators-at-the-edge',
    /^\s*@(Module|Injectable|Controller|Inject|Global|Get|Post|Delete|MessagePattern|EventPattern)\(/,
    (path) => !/[.](module|controller|guard)\.ts$/.test(path),
  ),
];

/** All TypeScript below apps and libs, and the tests' own. */
export function sourceFiles(root: string): SourceFile[] {
  return globSync('{apps,libs}/*/{src,migrations}/**/*.ts', { cwd: root })
    .concat(globSync('test/*/**/*.ts', { cwd: root }))
    .filter((path) => !/\/(planted|node_modules|dist|generated)\/|^test\/architecture\//.test(path))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export function checkFiles(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    FILE_RULES.filter(({ applies }) => applies?.(file.path) ?? true).flatMap(({ name, check }) =>
      check(file).map((finding) => `${name}: ${file.path}: ${finding}`),
    ),
  );
}

/** Folders with too many files of their own, tests left out. */
export function crowdedFolders(files: readonly SourceFile[]): string[] {
  const counts = new Map<string, number>();
  for (const { path } of files) if (!isTest(path)) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > FOLDER_FILES)
    .map(([folder, count]) => `${folder}: ${count} files (at most ${FOLDER_FILES})`);
}

export function medianLines(files: readonly SourceFile[]): number {
  const lines = files.map(({ text }) => text.split('\n').length).toSorted((a, b) => a - b);
  return lines[Math.floor(lines.length / 2)] ?? 0;
}

export { MEDIAN_LINES };

function over(what: string, count: number, limit: number): string[] {
  return count > limit ? [`${count} ${what} (at most ${limit})`] : [];
}

function functions({ text }: SourceFile): { name: string; lines: number; parameters: number }[] {
  const found: { name: string; lines: number; parameters: number }[] = [];
  const module = parseSync(text, { syntax: 'typescript', decorators: true, target: 'es2022' }) as unknown as Node;
  const bytes = Buffer.from(text);
  const base = module.span!.start;
  const visit = (node: unknown, name: string): void => {
    if (Array.isArray(node)) for (const item of node) visit(item, name);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const { type, span, key, identifier, id } = node as Node & Record<'key' | 'identifier' | 'id', { value?: string } | undefined>;
    const ownName = type === 'Constructor' ? 'constructor' : (identifier?.value ?? key?.value ?? id?.value ?? name);
    if (
      span &&
      /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ClassMethod|PrivateMethod|Constructor|MethodProperty)$/.test(type)
    ) {
      const body = bytes.subarray(span.start - base, span.end - base).toString('utf8');
      const parameters = (node as Node).params ?? ((node as Node).function as Node | undefined)?.params;
      found.push({
        name: ownName,
        lines: body.trimEnd().split('\n').length,
        parameters: Array.isArray(parameters) ? parameters.length : 0,
      });
    }
    for (const [field, value] of Object.entries(node)) if (field !== 'span') visit(value, ownName);
  };
  visit(module.body, 'top level');
  return found;
}

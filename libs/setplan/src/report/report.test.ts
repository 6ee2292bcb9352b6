import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { expandSet, traceSet } from '@flotilla/generators';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  describePlan,
  diffPlan,
  type PlanReport,
  planApplications,
  planDocuments,
  planMarkdown,
  traceMarkdown,
  unifiedDiff,
} from '../index.js';
import { codeSpan } from './markdown-text.js';

const nothing = { clusters: async () => [], directories: async () => [], files: async () => [] };
const setOf = (elements: readonly object[], revision = 'main'): ApplicationSet => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'apps', namespace: 'argocd', uid: 'set-1' },
  spec: {
    generators: [{ list: { elements: elements as Record<string, unknown>[] } }],
    template: {
      metadata: { name: '{{e}}' },
      spec: {
        project: 'default',
        source: { repoURL: 'r', path: 'p/{{e}}', targetRevision: revision },
        destination: { name: 'c', namespace: 'n' },
      },
    },
  },
});
const elements = (...names: string[]) => names.map((e) => ({ e }));

async function planOf(set: ApplicationSet, existing: readonly ResourceDocument[] = []) {
  const stored = new Map(existing.map((document) => [document.metadata.name, document]));
  const expansion = await expandSet(set, nothing);
  const plan = planApplications({ set, expansion, existing: stored, released: [], refuse: () => undefined });
  const generated = expansion.applications.length + expansion.held.length;
  const reasonOf = ({ metadata }: ResourceDocument) => `element ${metadata.name} is gone`;
  return { plan, report: describePlan({ set, plan, existing: stored, generated, reasonOf }), documents: planDocuments(plan, stored) };
}
const stored = async (set: ApplicationSet): Promise<ResourceDocument[]> =>
  (await planOf(set)).plan.create.map((document) => ({
    ...document,
    metadata: { ...document.metadata, uid: `u-${document.metadata.name}`, resourceVersion: '7' },
    status: { health: { status: 'Healthy' } },
  }));

describe('a plan', () => {
  test('says what is created, which fields change from what to what, what is deleted and why, and what stays', async () => {
    const before = await stored(setOf(elements('a', 'b', 'gone'), 'v1'));
    before[1] = { ...before[1]!, spec: { ...(before[1]!.spec as object), source: { repoURL: 'r', path: 'p/b', targetRevision: 'v2' } } };
    const { report, documents } = await planOf(setOf(elements('a', 'b', 'new', 'new', 'x'), 'v2'), before);
    expect(report).toEqual({
      set: 'argocd/apps',
      create: [{ name: 'x', cluster: 'c', project: 'default', path: 'p/x', revision: 'v2' }],
      change: [
        {
          ...{ name: 'a', cluster: 'c', project: 'default', path: 'p/a', revision: 'v2' },
          fields: [{ path: 'spec.source.targetRevision', old: 'v1', new: 'v2' }],
        },
      ],
      delete: [{ name: 'gone', cluster: 'c', project: 'default', path: 'p/gone', revision: 'v1', reason: 'element gone is gone' }],
      hold: [],
      pending: [],
      refused: [{ name: 'new', message: expect.stringContaining('2 Applications share the name') }],
      waiting: [],
      unchanged: 1,
      warnings: [],
    });
    expect(documents.map(({ name, before: old, after }) => [name, old !== undefined, after !== undefined])).toEqual([
      ['a', true, true],
      ['gone', true, false],
      ['x', false, true],
    ]);
    expect(JSON.stringify(documents)).not.toMatch(/resourceVersion|Healthy|generated-from/);
    expect(diffPlan(documents)).toContain(
      '--- a/argocd/a.yaml\n+++ b/argocd/a.yaml\n@@ -17,4 +17,4 @@\n   source:\n     path: p/a\n     repoURL: r\n-    targetRevision: v1\n+    targetRevision: v2\n',
    );
    expect(diffPlan(documents)).toContain('--- a/argocd/gone.yaml\n+++ /dev/null\n@@ -1,');
  });

  test('says what the guard holds, and by which rule', async () => {
    const { report } = await planOf(setOf(elements('z')), await stored(setOf(elements('a', 'b', 'c', 'd', 'e', 'f'))));
    expect(report.hold.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(report.rule).toContain('more than');
    expect(planMarkdown({ plans: [{ report, documents: [] }] })).toContain('6 deletions held, `more than');
  });
});

test('a unified diff is one that patch applies', () => {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-diff-'));
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', '', '-', '+ x'), { maxLength: 30 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));
  try {
    fc.assert(
      fc.property(text, text, (before, after) => {
        writeFileSync(join(dir, 'f'), before);
        const diff = unifiedDiff(before, after, { from: 'a/f', to: 'b/f' });
        expect(diff === '').toBe(before === after);
        if (before === after || before === '' || after === '') return;
        writeFileSync(join(dir, 'f.diff'), diff);
        execFileSync('git', ['apply', '--unidiff-zero', 'f.diff'], { cwd: dir, stdio: 'ignore' });
        expect(readFileSync(join(dir, 'f'), 'utf8')).toBe(after);
      }),
      { numRuns: 40 },
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

describe('the report for a pull request', () => {
  const evil = '</summary><img src=x onerror=alert(1)> @everyone `a``b` | x \\| [l](http://e)\n# h';

  test('sums up, lists the gravest first and folds the differences', async () => {
    const before = await stored(setOf(elements('a', 'gone'), 'v1'));
    const { report, documents } = await planOf(setOf(elements('a', 'new'), 'v2'), before);
    const text = planMarkdown({ plans: [{ report, documents }], failures: [{ set: 'broken', message: 'no file' }] });
    expect(text.split('\n').slice(0, 9)).toEqual([
      '### 1 to create, 1 to change, 1 to delete, 1 set failed, 0 unchanged, in 2 sets',
      '',
      '- :x: `broken` cannot be planned: `no file`',
      '',
      '| | Application | Cluster | What |',
      '|---|---|---|---|',
      '| `-` | `gone` | `c` | `element gone is gone` |',
      '| `~` | `a` | `c` | `spec.source.targetRevision` `v1` → `v2` |',
      '| `+` | `new` | `c` | `p/new` |',
    ]);
    expect(text).toContain('<details><summary>change <code>a</code></summary>\n\n```diff\n--- a/argocd/a.yaml');
  });

  test('lets no name, value or message out of its code span, whatever it holds', () => {
    const outline = { name: evil, cluster: evil, path: evil };
    const report: PlanReport = {
      ...{
        set: evil,
        create: [outline],
        delete: [{ ...outline, reason: evil }],
        hold: [{ ...outline, reason: evil }],
        rule: evil,
        pending: [],
      },
      ...{ change: [{ ...outline, fields: [{ path: evil, old: evil, new: { [evil]: 1 } }] }], refused: [{ name: evil, message: evil }] },
      ...{ waiting: [evil], unchanged: 0, warnings: [evil] },
    };
    const documents = [{ name: evil, after: { metadata: { name: evil }, text: '```\n</details><script>' } }];
    const text = planMarkdown({ plans: [{ report, documents }], failures: [{ set: evil, message: evil }] });
    const outside = withoutCode(text);
    expect(outside).not.toMatch(/<(img|script)|@everyone|\]\(http|# h/);
    expect(outside.match(/<\/?\w+/g)?.every((tag) => /^<\/?(details|summary|code|br)$/.test(tag))).toBe(true);
    for (const line of outside.split('\n').filter((one) => one.startsWith('|'))) expect(line.match(/\|/g)).toHaveLength(5);
  });

  test('keeps a code span whole for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', '|', '\\', ' ', 'a', '<', '\n') }), (given) => {
        expect(withoutCode(`x${codeSpan(given)}y`)).toMatch(/^x(\(empty\))?y$/);
        const cell = codeSpan(given, { inTable: true });
        expect(cell.replace(/(?<!\\)\\\|/g, '')).not.toContain('|');
      }),
    );
  });

  test('stays below the limit and says honestly how much it leaves out', async () => {
    const many = Array.from({ length: 3_000 }, (_, i) => `application-${String(i).padStart(4, '0')}-ü`);
    const create = many.map((name) => ({ name, cluster: 'c', path: `some/path/of/${name}` }));
    const report: PlanReport = {
      set: 's',
      create,
      change: [],
      delete: [],
      hold: [],
      pending: [],
      refused: [],
      waiting: [],
      unchanged: 0,
      warnings: many,
    };
    const documents = many.map((name) => ({ name, after: { metadata: { name } } }));
    const text = planMarkdown({ plans: [{ report, documents }] });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
    expect(Buffer.byteLength(text)).toBeGreaterThan(40_000);
    const shown = text.match(/^\| `\+` /gm)!.length;
    expect(Number(/^and (\d+) more$/m.exec(text)![1])).toBe(3_000 - shown);
    const differences = text.match(/<details>/g)!.length;
    expect(Number(/(\d+) more differences left out/.exec(text)![1])).toBe(3_000 - differences);
    expect(Number(/and (\d+) more remarks/.exec(text)![1])).toBe(3_000 - text.match(/:warning:/g)!.length);
    expect(Buffer.byteLength(planMarkdown({ plans: [{ report, documents }], limit: 3_000 }))).toBeLessThanOrEqual(3_000);
  });

  test('of a trace lists what is unused and folds the parameters of each application', async () => {
    const trace = await traceSet(setOf([{ e: 'a', idle: 'x' }]), nothing);
    expect(traceMarkdown({ traces: [trace], failures: [{ set: 'b', message: evil }] })).toContain(
      '- `apps`: parameter `idle` is never used, `spec.generators[0].list.elements[0].idle`\n',
    );
    expect(traceMarkdown({ traces: [trace] })).toContain(
      '<details><summary><code>a</code></summary>\n\n| Parameter | Value | Set by |\n|---|---|---|\n| `e` | `a` | `spec.generators[0].list.elements[0].e` |\n',
    );
    expect(traceMarkdown({ traces: [{ ...trace, more: 7 }] })).toContain('and 7 more applications');
  });
});

/** The text as a reader of CommonMark sees it, code blocks and spans taken out. */
function withoutCode(text: string): string {
  return text
    .replace(/^(`{3,})\w*\n[\s\S]*?\n\1$/gm, '')
    .replace(/(?<!`)(`+)(?!`)([\s\S]*?)(?<!`)\1(?!`)/g, '')
    .replace(/<code>[^<]*<\/code>/g, '<code></code>');
}

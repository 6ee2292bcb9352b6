// Renders the recorded templates with `helm template` and writes its answers to ../helm-answers.json.
// Usage: node helm.mjs HELM_BINARY
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const recorded = JSON.parse(readFileSync(new URL('../go-answers.json', import.meta.url), 'utf8'));
// Helm knows no names of Argo CD's, swallows errors of fromYaml, replaces `<no value>` and reads a missing key as its zero value.
const foreign = /normalize|slugify|fromYaml|define|block|"template"|hasKey .nope|\$\s*\||\{\{\s*\$\s*\}\}/;
const cases = recorded.cases.filter(
  ({ template, output, options }) => output !== undefined && !options && !foreign.test(template) && !output.includes('no value'),
);

const chart = mkdtempSync(join(tmpdir(), 'templates-'));
try {
  mkdirSync(join(chart, 'templates'));
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: cases\nversion: 0.1.0\n');
  writeFileSync(join(chart, 'values.yaml'), JSON.stringify(recorded.data.default));
  // Each case gets its own copy of the values: some change them.
  const parts = cases.map(({ template }, i) => ({
    define: `{{ define "case.${i}" }}${template}{{ end }}`,
    call: `{{ list (include "case.${i}" (deepCopy (unset (deepCopy .Values) "global"))) | toJson }}`,
  }));
  writeFileSync(join(chart, 'templates/_cases.tpl'), parts.map(({ define }) => define).join(''));
  writeFileSync(join(chart, 'templates/answers.yaml'), `answers:\n${parts.map(({ call }) => `- ${call}`).join('\n')}\n`);
  const text = execFileSync(process.argv[2], ['template', 'x', chart], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const outputs = text
    .split('\n')
    .filter((line) => line.startsWith('- '))
    .map((line) => JSON.parse(line.slice(2))[0]);
  const answers = cases.map(({ template }, i) => ({ template, output: outputs[i] }));
  writeFileSync(new URL('../helm-answers.json', import.meta.url), `${JSON.stringify({ cases: answers }, null, 1)}\n`);
  const different = answers.filter(({ output }, i) => output !== cases[i].output);
  console.log(`${answers.length} answers, ${different.length} unlike Go's with sprig alone`);
  for (const { template, output } of different) console.log(JSON.stringify(template), JSON.stringify(output));
} finally {
  rmSync(chart, { recursive: true });
}

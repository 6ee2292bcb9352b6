// Records what Helm's own YAML reader makes of each text in go-answers.json: node testdata/record.mjs PATH-OF-HELM
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const target = new URL('go-answers.json', import.meta.url);
const texts = JSON.parse(readFileSync(target, 'utf8')).map(({ yaml }) => yaml);
const chart = mkdtempSync(join(tmpdir(), 'go-answers-'));
try {
  mkdirSync(join(chart, 'templates'));
  mkdirSync(join(chart, 'texts'));
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: answers\nversion: 1.0.0\n');
  texts.forEach((text, i) => writeFileSync(join(chart, 'texts', String(i).padStart(4, '0')), text));
  const line = '# {{ base $path }} {{ toString $text | fromYaml | toJson | b64enc }}';
  writeFileSync(join(chart, 'templates', 'answers.yaml'), `{{- range $path, $text := .Files.Glob "texts/*" }}\n${line}\n{{- end }}\n`);
  const out = execFileSync(process.argv[2] ?? 'helm', ['template', 'answers', chart], { maxBuffer: 1e8 }).toString();
  const answers = new Map([...out.matchAll(/^# (\d{4}) (\S*)$/gm)].map(([, n, text]) => [Number(n), JSON.parse(Buffer.from(text, 'base64').toString())]));
  const rows = texts.map((yaml, i) => (typeof answers.get(i)?.Error === 'string' ? { yaml, error: answers.get(i).Error } : { yaml, json: answers.get(i) }));
  writeFileSync(target, `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
} finally {
  rmSync(chart, { recursive: true });
}

import { readFileSync } from 'node:fs';
import { jsonEqual } from '@flotilla/kernel';
import { expect, test } from 'vitest';
import { parseYaml, parseYamlDocument, writeYaml } from './index.js';

/** Answers of Helm 4.3.1's `fromYaml` (sigs.k8s.io/yaml) to each text, recorded by testdata/record.mjs. */
const answers: { yaml: string; json?: unknown; error?: string }[] = JSON.parse(
  readFileSync(new URL('../testdata/go-answers.json', import.meta.url), 'utf8'),
);

/** Where this library differs, and why. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'integers beyond 2^53 are refused, not rounded': [
    'v: 9007199254740993\n',
    'v: 18446744073709551615\n',
    'v: -9223372036854775808\n',
    'a: 0x7fffffffffffffff\n',
  ],
  'JSON escapes that Go refuses are read': [
    'v: "\\ud83d\\ude00"\n',
    'v: "\\/"\n',
    '{"a": 1, "b": [true, null], "c": "\\u00e9\\/"}\n',
    '{"a": "\\ud83d\\ude00"}\n',
  ],
  'a quoted text that goes on at the indent of its key is refused': ['a: "x\ny"\n', "a: 'x\nb'\n"],
  'the version directive is not looked at': ['%YAML 1.2\n---\na: yes\n'],
  'a tab may start a line of a block text': ['a: |\n  \ttab\n'],
  'an error in a later document is an error': ['a: 1\n---\nbad: [\n'],
};

test('every recorded text is read as Go reads it, but for the listed ones', () => {
  const different = answers.filter(({ yaml, json, error }) => {
    const ours = read(yaml);
    return error === undefined ? !('value' in ours && jsonEqual(ours.value ?? {}, json)) : 'value' in ours && !wantsObject(error);
  });
  expect(different.map(({ yaml }) => yaml).sort()).toEqual(Object.values(KNOWN).flat().sort());
  expect(answers.length).toBeGreaterThan(300);
});

test('what is written is read back as the same value', () => {
  for (const { yaml } of answers) {
    const ours = read(yaml);
    if ('value' in ours) expect(parseYaml(writeYaml(ours.value))).toEqual([ours.value]);
  }
});

function read(text: string): { value: unknown } | { failure: string } {
  try {
    return { value: parseYamlDocument(text) };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

/** Helm's function wants a mapping at the top; the parser itself took the text. */
function wantsObject(error: string): boolean {
  return error.includes('cannot unmarshal');
}

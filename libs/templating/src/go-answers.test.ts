import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileGoTemplate, goFunctions, sprigFunctions } from './index.js';

interface Answer {
  template: string;
  options?: string[];
  output?: string;
  error?: string;
}

/** What Go's text/template, sprig and Argo CD's own functions gave; testdata/README.md says how it was recorded. */
const recorded: { data: { default: unknown }; cases: Answer[]; functions: string[] } = JSON.parse(
  readFileSync(new URL('../testdata/go-answers.json', import.meta.url), 'utf8'),
);

/** Where the words of an error differ, and why. */
const OTHER_WORDS: Readonly<Record<string, readonly string[]>> = {
  'Go says which type assertion failed; these say what is wanted': ['{{slugify 1}}', '{{slugify "a" "b"}}'],
  'the engine repeats the pattern where Go shows nothing': ['{{regexFind "\\\\" "a"}}'],
};

/** Functions without a recorded answer: it would differ at every run. */
const UNRECORDED = [
  ...['now', 'ago', 'randAlphaNum', 'randAscii', 'randBytes', 'randInt', 'randNumeric', 'uuidv4'],
  ...['bcrypt', 'htpasswd', 'buildCustomCert', 'genPrivateKey', 'genCA', 'genCAWithKey', 'genSelfSignedCert'],
  ...['genSelfSignedCertWithKey', 'genSignedCert', 'genSignedCertWithKey'],
];

function ours({ template, options }: Answer): { output?: string; error?: string } {
  try {
    return { output: compileGoTemplate(template, { name: 'test', options }).execute(recorded.data.default) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

describe('every recorded template', () => {
  const answers = recorded.cases.map((answer) => ({ ...answer, ours: ours(answer) }));

  test('gives the text Go gives, or fails where Go fails', () => {
    const different = answers.filter((answer) => answer.ours.output !== answer.output);
    expect(different.map(({ template, output, ours: mine }) => ({ template, output, mine }))).toEqual([]);
    expect(answers.length).toBeGreaterThan(900);
  });

  test('fails with the words and the place of Go, but for the listed ones', () => {
    const different = answers.filter((answer) => answer.ours.error !== answer.error);
    expect(different.map(({ template }) => template).sort()).toEqual(Object.values(OTHER_WORDS).flat().sort());
    expect(answers.filter(({ error }) => error !== undefined).length).toBeGreaterThan(150);
  });
});

test('every template gives the text `helm template` gives, where Helm has its functions', () => {
  const helm: { cases: Answer[] } = JSON.parse(readFileSync(new URL('../testdata/helm-answers.json', import.meta.url), 'utf8'));
  expect(helm.cases.filter((answer) => ours(answer).output !== answer.output)).toEqual([]);
  expect(helm.cases.length).toBeGreaterThan(600);
});

test('the functions are those Argo CD allows, each with a recorded answer or listed without', () => {
  expect(Object.keys(sprigFunctions).sort()).toEqual(recorded.functions);
  for (const absent of ['env', 'expandenv', 'getHostByName']) expect(Object.keys(goFunctions)).not.toContain(absent);
  const called = recorded.cases.map(({ template }) => template).join(' ');
  const uncalled = Object.keys(goFunctions).filter((name) => !new RegExp(`\\b${name}\\b`).test(called));
  expect(uncalled.sort()).toEqual(UNRECORDED.toSorted());
});

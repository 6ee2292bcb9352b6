import { readFileSync } from 'node:fs';
import { parse } from '@evertdespiegeleer/go-template';
import { expect, test } from 'vitest';
import { compileGoTemplate, sprigFunctions } from './index.js';

interface Answer {
  template: string;
}
const recorded: { data: { default: object }; cases: Answer[] } = JSON.parse(
  readFileSync(new URL('../testdata/go-answers.json', import.meta.url), 'utf8'),
);
const words = new RegExp(`\\b(${Object.keys(sprigFunctions).join('|')})\\b`);

/** The engine is Go 1.25 compiled to WebAssembly, without sprig and with missingkey=error. */
test('templates without sprig give the text of the real engine, or fail with it', async () => {
  const options = { options: ['missingkey=error'] };
  const plain = recorded.cases.filter(({ template }) => !words.test(template));
  const different: unknown[] = [];
  for (const { template } of plain) {
    const go = await parse(template, recorded.data.default).catch(() => undefined);
    let ours: string | undefined;
    try {
      ours = compileGoTemplate(template, options).execute(recorded.data.default);
    } catch {
      ours = undefined;
    }
    if (ours !== go) different.push({ template, go, ours });
  }
  expect(different).toEqual([]);
  expect(plain.length).toBeGreaterThan(250);
});

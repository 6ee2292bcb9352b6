import { describe, expect, test } from 'vitest';
import {
  CallError,
  compileGoTemplate,
  defineFunction,
  GoMap,
  stringMap,
  TemplateError,
  TemplateFailedError,
  TemplateLimitError,
  toGoValue,
} from './index.js';

const run = (text: string, data: unknown = {}, options: Parameters<typeof compileGoTemplate>[1] = {}) =>
  compileGoTemplate(text, options).execute(data);

function failure(act: () => unknown): TemplateError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(TemplateError);
    return error as TemplateError;
  }
  throw new Error('nothing was thrown');
}

describe('a Go template', () => {
  test('is compiled once and executed many times', () => {
    const template = compileGoTemplate('{{range $i, $e := .list}}{{$i}}{{$e}}{{end}}');
    expect([template.execute({ list: ['a'] }), template.execute({ list: ['b', 'c'] }), template.execute({})]).toEqual(['0a', '0b1c', '']);
  });

  test('sees numbers as float64, bigints as int64, and maps in the order of their keys', () => {
    expect(run('{{.n}} {{printf "%T %T" .n .id}} {{.id}} {{.m}}', { n: 1e6, id: 12n, m: { b: 1, a: null } })).toBe(
      '1e+06 float64 int64 12 map[a:<nil> b:1]',
    );
  });

  test('reads a missing key of a map of texts as the empty text where Go has its zero value', () => {
    const data = new GoMap([['labels', stringMap({ env: 'prod' })]]);
    expect(run('{{.labels.env}}|{{.labels.nope}}|{{index .labels "nope"}}', data)).toBe('prod|<no value>|');
    expect(run('{{.labels.nope}}', data, { options: ['missingkey=zero'] })).toBe('');
  });

  test('never reaches a prototype, whatever the keys', () => {
    const data = JSON.parse('{"__proto__": {"polluted": 1}, "m": {}}') as unknown;
    expect(run('{{.__proto__.polluted}} {{.m.constructor}} {{$_ := set .m "__proto__" 1}}{{.m}}', data)).toBe(
      '1 <no value> map[__proto__:1]',
    );
    expect({}).not.toHaveProperty('polluted');
  });

  test('changes data of the library in place and plain data never', () => {
    const [plain, own] = [{ m: {} }, toGoValue({ m: {} })];
    const template = compileGoTemplate('{{$_ := set .m "a" 1}}{{.m}}');
    expect([template.execute(plain), template.execute(own)]).toEqual(['map[a:1]', 'map[a:1]']);
    expect([plain, run('{{.m}}', own)]).toEqual([{ m: {} }, 'map[a:1]']);
  });

  test('calls functions of the caller and functions in the data', () => {
    const shout = defineFunction(['string'], (_, text) => {
      if (text === '') throw new CallError('nothing to shout');
      return `${text.toUpperCase()}!`;
    });
    expect(run('{{shout "a"}}', {}, { functions: { shout } })).toBe('A!');
    expect(
      run(
        '{{call .repo.shout .name}}',
        new GoMap([
          ['name', 'b'],
          ['repo', new GoMap([['shout', shout]])],
        ]),
      ),
    ).toBe('B!');
    const error = failure(() => run('{{shout ""}}', {}, { functions: { shout } }));
    expect(error.message).toContain('error calling shout: nothing to shout');
    expect(error.place.function).toBe('shout');
  });
});

describe('an error of a Go template', () => {
  test('names template, line, column and cause when the text cannot be read', () => {
    const error = failure(() => compileGoTemplate('a\n{{ nope }}', { name: 'spec.source.path' }));
    expect(error.code).toBe('template-invalid');
    expect(error.message).toBe('template: spec.source.path:2: function "nope" not defined');
    expect(error.place).toEqual({ template: 'spec.source.path', line: 2 });
  });

  test('names template, line, column and cause when the execution fails', () => {
    const error = failure(() => run('ü\nü {{ .a.b }}', { a: 'x' }, { name: 't' }));
    expect(error).toBeInstanceOf(TemplateFailedError);
    expect(error.message).toBe(`template: t:2:8: executing "t" at <.a.b>: can't evaluate field b in type interface {}`);
    expect(error.place).toMatchObject({ template: 't', line: 2, column: 8 });
  });

  test('of an unknown option names the known ones', () => {
    expect(failure(() => compileGoTemplate('', { options: ['missingkey=eror'] })).message).toContain(
      'missingkey=default, invalid, zero or error',
    );
  });
});

test('a text that is no JSON or YAML is refused without repeating it', () => {
  for (const call of ['mustFromJson', 'fromYaml', 'fromYamlArray']) {
    const error = failure(() => run(`{{${call} .text}}`, { text: '[hunter2: {' }));
    expect(error.message).toContain(`error calling ${call}:`);
    expect(error.message).not.toContain('hunter2');
  }
});

describe('time and randomness', () => {
  const sources = { now: () => new Date('2026-03-04T05:06:07Z'), random: (length: number) => new Uint8Array(length).fill(7) };

  test('come from the caller', () => {
    expect(run('{{now | date "2006-01-02 15:04:05"}} {{now.Year}} {{ago 0 | contains "h"}}', {}, { sources })).toBe(
      '2026-03-04 05:06:07 2026 true',
    );
    expect(run('{{uuidv4}}', {}, { sources })).toBe('07070707-0707-4707-8707-070707070707');
    expect(run('{{randAlphaNum 3 | len}}{{randAscii 2 | len}}{{randNumeric 4 | len}}{{randBytes 3}}', {}, { sources })).toBe('324BwcH');
    expect(run('{{randInt 5 9 | int | lt 4}} {{shuffle "abc" | len}}', {}, { sources })).toBe('true 3');
    expect(run('{{encryptAES "key" "secret" | decryptAES "key"}}', {}, { sources })).toBe('secret');
  });

  test('are refused by name where the caller gives none', () => {
    for (const call of ['now', 'uuidv4', 'randAlphaNum 3', 'randInt 1 2', 'shuffle "ab"', 'ago 0', 'encryptAES "k" "t"']) {
      const error = failure(() => run(`{{${call}}}`));
      expect(error.message).toContain(`error calling ${call.split(' ')[0]}:`);
      expect(error.message).toContain('must not change by itself');
    }
  });

  test('keys and salted hashes are refused by name always', () => {
    for (const call of ['genPrivateKey "rsa"', 'genCA "cn" 1', 'bcrypt "x"', 'htpasswd "u" "p"', 'genSelfSignedCert "cn" nil nil 1']) {
      expect(failure(() => run(`{{${call}}}`, {}, { sources })).message).toContain(`${call.split(' ')[0]} is not available`);
    }
  });

  test('a key that is not one is refused without repeating it', () => {
    const error = failure(() => run('{{buildCustomCert "c2VjcmV0" "c2VjcmV0"}}'));
    expect(error.message).toMatch(
      /at <buildCustomCert "c2VjcmV0" "c2VjcmV0">: error calling buildCustomCert: unable to decode certificate$/,
    );
  });
});

describe('a limit', () => {
  const limited = (text: string, limits = {}, data: unknown = {}) => failure(() => compileGoTemplate(text).execute(data, limits));

  test('ends loops, recursion and nested values', () => {
    const bombs = [
      '{{range 1000000000}}{{end}}',
      '{{range until 1000}}{{range until 1000}}{{range until 1000}}x{{end}}{{end}}{{end}}',
      '{{until 1000000000}}',
      '{{define "t"}}{{template "t"}}{{end}}{{template "t"}}',
      '{{$d := dict}}{{$_ := set $d "self" $d}}{{$d}}',
      '{{$d := dict}}{{$_ := set $d "self" $d}}{{toJson $d}}',
      '{{$d := dict}}{{$_ := set $d "self" $d}}{{toYaml $d}}',
      '{{$d := dict}}{{$_ := set $d "self" $d}}{{deepCopy $d}}',
      '{{$d := dict}}{{$_ := set $d "self" $d}}{{$e := dict}}{{$_ := set $e "self" $e}}{{deepEqual $d $e}}',
      '{{$l := list 1}}{{range until 40}}{{$l = list $l $l}}{{end}}{{$l}}',
      '{{$l := list 1}}{{range until 40}}{{$l = list $l $l}}{{end}}{{toJson $l}}',
      '{{range until 100}}{{derivePassword 1 "long" "p" "u" "s"}}{{end}}',
      '{{$x := repeat 4000000 "b"}}{{range until 1000}}{{$y := sha256sum $x}}{{end}}',
      '{{$x := repeat 4000000 "b"}}{{range until 1000}}{{$y := contains "a" $x}}{{end}}',
      '{{$x := repeat 100000 "b"}}{{range until 10}}{{$y := regexMatch "a" $x}}{{end}}',
    ];
    for (const bomb of bombs) {
      const error = limited(bomb, { maxSteps: 200_000 });
      expect([bomb, error.code]).toEqual([bomb, 'template-limit']);
    }
  });

  test('ends texts that grow', () => {
    const bombs = [
      '{{repeat 1000000000 "x"}}',
      '{{$x := "ab"}}{{range until 60}}{{$x = print $x $x}}{{end}}',
      '{{indent 100000000 "a"}}',
      '{{printf "%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d" 1 2 3 4 5 6 7 8 9 | repeat 9}}',
      '{{$x := repeat 1000 "a"}}{{$x = replace "a" $x $x}}{{replace "a" $x $x}}',
      '{{$x := repeat 4000 "a"}}{{regexReplaceAll "a" $x $x}}',
      '{{wrapWith 1 (repeat 10000 "-") (repeat 10000 "x")}}',
      '{{join (repeat 100000 "-") (until 10000)}}',
    ];
    for (const bomb of bombs) expect([bomb, limited(bomb).code]).toEqual([bomb, 'template-limit']);
    expect(limited('{{range 100}}0123456789{{end}}', { maxOutput: 999 })).toBeInstanceOf(TemplateLimitError);
  });

  test('says the place and the function', () => {
    const error = limited('{{repeat 1000000000 "x"}}');
    expect(error.message).toContain('error calling repeat: the template makes more than');
    expect(error.place).toMatchObject({ line: 1, function: 'repeat' });
  });

  test('refuses sources that nest too deeply or are too long', () => {
    for (const text of [
      '{{if 1}}'.repeat(5000),
      `{{${'('.repeat(5000)}`,
      `{{if 1}}${'{{else if 1}}'.repeat(5000)}{{end}}`,
      'x'.repeat(1024 * 1024 + 1),
    ]) {
      expect(failure(() => compileGoTemplate(text)).code).toBe('template-invalid');
    }
  });

  test('refuses data that nests too deeply', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    expect(limited('{{.}}', {}, cyclic)).toBeInstanceOf(TemplateLimitError);
  });

  test('keeps regular expressions linear', () => {
    const text = 'a'.repeat(3000);
    expect(run(`{{regexMatch "^(a+)+$" .}}{{regexMatch "^(a|a)*b" .}}{{regexMatch "(.*)(.*)(.*)(.*)x" .}}`, text)).toBe('truefalsefalse');
    expect(limited('{{mustRegexMatch "((a{1,100}){1,100}){1,100}" .}}', {}, text).code).toBe('template-failed');
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, zstdCompressSync } from 'node:zlib';
import { newToken } from '@flotilla/kernel';
import { openDatabase } from '@flotilla/persistence';
import { testDatabase } from '@flotilla/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newCanary, tracesOf } from './canary.js';
import { judgeFindings } from './judge-findings.js';
import { Search } from './search.js';
import { searchDatabase } from './search-database.js';
import { searchFiles } from './search-files.js';

const CANARY = newCanary();
const traces = tracesOf('it', CANARY);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Letters in plenty around the text, or it would rest in the frame as it is. */
const frameOf = (text: string): Buffer => zstdCompressSync(Buffer.from(`${newToken(2_000)} ${text} ${newToken(2_000)}`));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-canary-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function found(content: Buffer | string): readonly string[] {
  const search = new Search(traces);
  search.look('here', content);
  return search.findings.flatMap(({ forms }) => forms);
}

test.each([
  ['as it is', `{"password":"${CANARY}"}`, 'it as it is'],
  ['in base64', base64(CANARY), 'it in base64'],
  ['in base64 of something around it', base64(`a${CANARY}z`), 'it in base64'],
  ['in base64 of something else around it', base64(`ab${CANARY}yz`), 'it in base64'],
  ['in base64 of an object that holds it in base64', base64(`{"data":{"p":"${base64(CANARY)}"}}`), 'it in base64 of base64'],
  ['in hex', Buffer.from(`x${CANARY}`).toString('hex'), 'it in hex'],
  ['in capital hex', Buffer.from(CANARY).toString('hex').toUpperCase(), 'it in hex'],
])('a value that stands somewhere %s is found', (_, text, form) => {
  expect(found(text)).toEqual([form]);
  const packed = Buffer.concat([Buffer.from('pack'), frameOf('other'), frameOf(text), Buffer.from('tail')]);
  expect(packed.includes(text)).toBe(false);
  expect(found(packed)).toEqual([form]);
  const inGit = Buffer.concat([Buffer.from('PACK'), deflateSync('other'), deflateSync(`${newToken(2_000)} ${text}`), Buffer.from('tail')]);
  expect(inGit.includes(text)).toBe(false);
  expect(found(inGit)).toEqual([form]);
});

test('a digest of the value, another value and nothing at all are no finds', () => {
  expect(found(`${newCanary()} ${base64(newCanary())}`)).toEqual([]);
  expect(found('')).toEqual([]);
});

test('files are searched wherever they lie, also where one piece ends and the next begins', async () => {
  mkdirSync(join(directory, 'agents', 'dev', 'blobs'), { recursive: true });
  writeFileSync(join(directory, 'agents', 'dev', 'blobs', 'pack'), frameOf(CANARY));
  const large = Buffer.alloc(33 * 1024 * 1024);
  large.write(CANARY, 32 * 1024 * 1024 - 10);
  writeFileSync(join(directory, 'large'), large);
  writeFileSync(join(directory, 'clean'), 'nothing here');
  const search = new Search(traces);
  expect(await searchFiles(search, directory)).toHaveLength(3);
  expect(search.findings.map(({ place }) => place).sort()).toEqual(['agents/dev/blobs/pack', 'large']);
  expect(search.bytes).toBeGreaterThan(large.length);
});

test('a value that is where it belongs is right; planted anywhere else, or not seen where it must be, it is not', async () => {
  const expected = new Map([['store.json', 'it as it is']]);
  const judged = async (): Promise<string[]> => {
    const search = new Search(traces);
    await searchFiles(search, directory);
    return judgeFindings(search.findings, expected);
  };
  expect(await judged()).toEqual(['not found in store.json: it as it is']);
  writeFileSync(join(directory, 'store.json'), JSON.stringify({ password: CANARY }));
  expect(await judged()).toEqual([]);
  writeFileSync(join(directory, 'agent.log'), `{"msg":"applied","data":"${base64(CANARY)}"}`);
  expect(await judged()).toEqual(['found in agent.log: it in base64']);
});

test('tables are searched in every column, compressed bytes included', async () => {
  const { url, drop } = await testDatabase();
  const database = openDatabase({ url, maxConnections: 1, applicationName: 'test' });
  try {
    await database.query('CREATE SCHEMA planted');
    await database.query('CREATE TABLE planted.clean (id int, t text)');
    await database.query('CREATE TABLE planted.texts (id int, doc jsonb)');
    await database.query('CREATE TABLE planted.packs (id int, "the content" bytea, other bytea)');
    await database.query(`INSERT INTO planted.clean SELECT i, 'row ' || i FROM generate_series(1, 1200) i`);
    await database.query('INSERT INTO planted.texts VALUES (1, $1)', [JSON.stringify({ data: { p: base64(CANARY) } })]);
    await database.query('INSERT INTO planted.packs VALUES (1, $1, NULL), (2, NULL, $2)', [frameOf('clean'), frameOf(CANARY)]);
    const search = new Search(traces);
    expect(await searchDatabase(search, database)).toEqual({ tables: 3, rows: 1203 });
    expect(search.findings).toEqual([
      { place: 'table planted.packs', forms: ['it as it is'] },
      { place: 'table planted.texts', forms: ['it in base64'] },
    ]);
  } finally {
    await database.close();
    await drop();
  }
});

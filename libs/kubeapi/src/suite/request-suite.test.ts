import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MemoryApi, startMemoryApi } from '../memory-api.js';
import { recordedAnswers } from './recorded-answers.js';
import { requestSuite } from './request-suite.js';
import { type Recording, runRequestSuite } from './run-request-suite.js';

const recorded = recordedAnswers();

describe('the in-memory API answers as the real API server does', () => {
  let api: MemoryApi;
  let answers: Recording;

  beforeAll(async () => {
    api = await startMemoryApi();
    answers = await runRequestSuite({ baseUrl: api.url }, requestSuite());
  });
  afterAll(() => api.close());

  test.each(Object.keys(recorded))('%s', (name) => {
    expect(answers[name]).toEqual(recorded[name]);
  });

  test('to every step of the suite', () => {
    expect(Object.keys(answers)).toEqual(Object.keys(recorded));
  });
});

import type { GrantsOfMany, GrantsVerb, GrantsVerbReply } from '@flotilla/contracts';
import { UnavailableError } from '@flotilla/kernel';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { beforeEach, expect, test } from 'vitest';
import { AskGrants } from './ask-grants.js';

let bus: FakeMessageBus;
let asked: (GrantsVerb | GrantsOfMany)[];
const answerTo = ({ spoke }: GrantsVerb): GrantsVerbReply => ({ fleet: 'f', cluster: `c-${spoke}`, sealingKey: 'k', grants: [] });
const ask = (spoke: string, grants = 1): GrantsVerb => ({ spoke, session: 1, grants: Array.from({ length: grants }, (_, i) => `g${i}`) });

beforeEach(() => {
  bus = new FakeMessageBus();
  asked = [];
  bus.serve('orchestrator', 'grants', (request) => {
    asked.push(request as GrantsVerb);
    return answerTo(request as GrantsVerb);
  });
  bus.serve('orchestrator', 'grants-of-many', (request) => {
    asked.push(request as GrantsOfMany);
    return { answers: (request as GrantsOfMany).asks.map(answerTo) };
  });
});

test('spokes that come together are one question, and each gets the answer about itself', async () => {
  const grants = new AskGrants(bus);
  const answers = await Promise.all(['a', 'b', 'c'].map((spoke) => grants.ask(ask(spoke))));
  expect(answers.map((answer) => 'cluster' in answer && answer.cluster)).toEqual(['c-a', 'c-b', 'c-c']);
  expect(asked).toEqual([{ asks: [ask('a'), ask('b'), ask('c')] }]);
});

test('a spoke that comes alone is asked about as ever', async () => {
  expect(await new AskGrants(bus).ask(ask('a'))).toEqual(answerTo(ask('a')));
  expect(asked).toEqual([ask('a')]);
});

test('no question is about more grants than its answer can hold', async () => {
  const grants = new AskGrants(bus);
  await Promise.all([ask('a', 200), ask('b', 100), ask('c', 200), ask('d', 150)].map((one) => grants.ask(one)));
  const sizes = asked.map((one) => ('asks' in one ? one.asks.map(({ grants: { length } }) => length) : [one.grants.length]));
  expect(sizes).toEqual([[200, 100], [200], [150]]);
});

test('a question that fails fails whom it was about, and nobody else', async () => {
  bus.serve('orchestrator', 'grants-of-many', () => {
    throw new UnavailableError('the database is away');
  });
  const grants = new AskGrants(bus);
  const outcomes = await Promise.allSettled([ask('a', 100), ask('b', 100), ask('c', 200)].map((one) => grants.ask(one)));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});

test('an answer that leaves somebody out is nobody’s answer', async () => {
  bus.serve('orchestrator', 'grants-of-many', () => ({ answers: [answerTo(ask('b'))] }));
  const grants = new AskGrants(bus);
  const outcomes = await Promise.allSettled([grants.ask(ask('a')), grants.ask(ask('b'))]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

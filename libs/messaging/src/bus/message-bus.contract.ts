import { eventSubject, type HubService } from '@flotilla/contracts';
import { InvalidInputError, NotFoundError, newSpokeId, type SpokeId, UnavailableError } from '@flotilla/kernel';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { MessageBus } from '../route.js';

/** What the contract needs of a bus' surroundings. */
export interface BusUnderTest {
  bus: MessageBus;
  serve(service: HubService, verb: string, answer: (request: unknown) => unknown): Promise<void>;
  listen(subject: string, listener: (content: unknown) => void): Promise<void>;
  /** What a spoke has heard so far. */
  heardBy(spoke: SpokeId): Promise<{ verb: string; content: unknown }[]>;
  answer(spoke: SpokeId, token: string, answer: { n: number; last: boolean; content: unknown }): Promise<void>;
}

const EVENT = eventSubject('test', 'happened');

/** The behaviour every MessageBus has. `settled` waits until messages under way have arrived. */
export function messageBusContract(make: () => BusUnderTest, settled: (check: () => boolean | Promise<boolean>) => Promise<unknown>): void {
  it('asks a service and returns its checked reply', async () => {
    const { bus, serve } = make();
    await serve('renderer', 'double', (request) => ({ n: (request as { n: number }).n * 2, dropped: undefined }));
    expect(await bus.ask('renderer', 'double', { n: 4 }, { reply: z.object({ n: z.number() }) })).toEqual({ n: 8 });
    await expect(bus.ask('renderer', 'double', { n: 4 }, { reply: z.object({ m: z.number() }) })).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  it('raises the error of the service by its code, and only the code of an unexpected one', async () => {
    const { bus, serve } = make();
    await serve('renderer', 'missing', () => Promise.reject(new NotFoundError('commit abc does not exist')));
    await serve('renderer', 'broken', () => Promise.reject(new TypeError('secret detail')));
    await expect(bus.ask('renderer', 'missing', {})).rejects.toThrow(NotFoundError);
    await expect(bus.ask('renderer', 'missing', {})).rejects.toThrow('commit abc does not exist');
    const place = { generator: 'generators[0].git', field: 'files', file: 'a.yaml', line: 3 };
    await serve('renderer', 'misread', () => Promise.reject(new InvalidInputError('no map', { ...place, document: { secret: 'x' } })));
    await expect(bus.ask('renderer', 'misread', {})).rejects.toMatchObject({ code: 'invalid', message: 'no map', details: place });
    await expect(bus.ask('renderer', 'misread', {})).rejects.not.toHaveProperty('details.document');
    await expect(bus.ask('renderer', 'broken', {})).rejects.toMatchObject({ code: 'internal' });
    await expect(bus.ask('renderer', 'broken', {})).rejects.toThrow(/^(?!.*secret detail)/);
  });

  it('raises unavailable when nobody answers in time', async () => {
    const { bus } = make();
    await expect(bus.ask('orchestrator', 'position', {}, { timeoutMs: 150 })).rejects.toThrow(UnavailableError);
  });

  it('says events to whoever listens', async () => {
    const { bus, listen } = make();
    const heard: unknown[] = [];
    await listen(EVENT, (content) => heard.push(content));
    bus.emit(EVENT, { rv: 1 });
    await settled(() => heard.length === 1);
    expect(heard).toEqual([{ rv: 1 }]);
  });

  it('tells one spoke and no other', async () => {
    const { bus, heardBy } = make();
    const [a, b] = [newSpokeId(), newSpokeId()];
    await heardBy(a);
    await heardBy(b);
    bus.tellSpoke(a, 'wake', { epoch: 1, generation: 2 });
    await settled(async () => (await heardBy(a)).length === 1);
    expect(await heardBy(a)).toEqual([{ verb: 'wake', content: { epoch: 1, generation: 2 } }]);
    expect(await heardBy(b)).toEqual([]);
  });

  it('yields the answers of an ask in order and ends with the last', async () => {
    const { bus, answer } = make();
    const spoke = newSpokeId();
    const answers = bus.answers(spoke, 't1', { timeoutMs: 2_000 });
    await answer(spoke, 't1', { n: 0, last: false, content: 'x' });
    await answer(spoke, 't1', { n: 1, last: true, content: 'y' });
    const seen: unknown[] = [];
    for await (const one of answers) seen.push(one);
    expect(seen).toEqual([
      { n: 0, last: false, content: 'x' },
      { n: 1, last: true, content: 'y' },
    ]);
  });

  it('fails the answers when one got lost or none comes, and ends them on abort', async () => {
    const { bus, answer } = make();
    const spoke = newSpokeId();
    const read = async (answers: AsyncIterable<unknown>): Promise<number> => {
      let count = 0;
      for await (const _ of answers) count++;
      return count;
    };
    const gap = bus.answers(spoke, 't2', { timeoutMs: 2_000 });
    await answer(spoke, 't2', { n: 1, last: true, content: 'y' });
    await expect(read(gap)).rejects.toThrow('lost');
    await expect(read(bus.answers(spoke, 't3', { timeoutMs: 20 }))).rejects.toThrow(UnavailableError);
    expect(await read(bus.answers(spoke, 't4', { timeoutMs: 2_000, signal: AbortSignal.abort() }))).toBe(0);
  });
}

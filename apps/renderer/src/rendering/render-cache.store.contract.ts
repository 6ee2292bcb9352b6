import { expect, test } from 'vitest';
import type { RenderCacheStore } from './render-cache.store.js';

const render = (renderKey: string, bundle: string) => ({
  renderKey,
  bundle,
  objects: 3,
  conditions: [{ type: 'ToolWarning', message: "it's deprecated" }],
});

/** What every store of render results does. `open` gives an empty one. */
export function describeRenderCacheStore(open: () => Promise<RenderCacheStore>): void {
  test('the first result of a key stays', async () => {
    const store = await open();
    expect(await store.keepFirst(render('k1', 'first'))).toEqual(render('k1', 'first'));
    expect(await store.keepFirst(render('k1', 'second'))).toEqual(render('k1', 'first'));
    await store.keepFirst(render('k2', 'other'));
    expect((await store.get(['k1', 'k2', 'k3'])).map(({ bundle }) => bundle).sort()).toEqual(['first', 'other']);
  });

  test('a condition is added once per type', async () => {
    const store = await open();
    await store.keepFirst(render('k1', 'first'));
    await store.addCondition('k1', { type: 'NonDeterministic', message: 'differs' });
    await store.addCondition('k1', { type: 'NonDeterministic', message: 'differs again' });
    const [stored] = await store.get(['k1']);
    expect(stored?.conditions.map(({ message }) => message)).toEqual(["it's deprecated", 'differs']);
  });

  test('a forgotten key may be kept anew', async () => {
    const store = await open();
    await store.keepFirst(render('k1', 'first'));
    await store.forget('k1');
    expect(await store.get(['k1'])).toEqual([]);
    expect((await store.keepFirst(render('k1', 'second'))).bundle).toBe('second');
  });

  test('what was not used since a time is dropped', async () => {
    const store = await open();
    await store.keepFirst(render('k1', 'first'));
    expect(await store.dropUnused(Date.now() - 3_600_000)).toBe(0);
    expect(await store.dropUnused(Date.now() + 3_600_000)).toBe(1);
    expect(await store.get(['k1'])).toEqual([]);
  });
}

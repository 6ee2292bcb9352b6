import { expect, test } from 'vitest';
import { BrokerUnderTest } from '../testing/broker-under-test.js';
import { PgValueStore } from './value.store.pg.js';

test('a herd of spokes that asks for the same values is one query, and each gets its rows', async () => {
  const under = await BrokerUnderTest.start();
  try {
    const { database } = under;
    for (const name of ['a', 'b']) {
      await database.query(`INSERT INTO broker.values (namespace, name, uid) VALUES ('argocd', $1, $1)`, [name]);
    }
    let queries = 0;
    const counting = new Proxy(database, {
      get: (target, key) => {
        if (key === 'query') queries++;
        const member = Reflect.get(target, key, target) as unknown;
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const store = new PgValueStore(counting);
    const place = (name: string) => ({ namespace: 'argocd', name });
    const asked = Array.from({ length: 100 }, (_, i) => store.list([place('a'), place(i % 2 === 0 ? 'b' : 'none'), place('a')]));
    const rows = (await Promise.all(asked)).map((found) => found.map(({ name }) => name));
    expect(rows).toEqual(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? ['a', 'b'] : ['a'])));
    expect(queries).toBe(1);
  } finally {
    await under.stop();
  }
});

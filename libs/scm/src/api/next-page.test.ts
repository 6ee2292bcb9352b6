import { expect, test } from 'vitest';
import { nextByLink, type PageSeen } from './next-page.js';

const page = (link: string): PageSeen => ({
  url: new URL('https://host.example/a?page=1'),
  headers: { link },
  body: [],
  fromCache: false,
  items: 1,
  total: 1,
  pageSize: 100,
});

test.each([
  ['<https://host.example/a?page=2>; rel="next", <https://host.example/a?page=9>; rel="last"', 'https://host.example/a?page=2'],
  ['<https://host.example/a?page=9>; rel="last", </a?page=2>; rel=next', '/a?page=2'],
  ['<https://host.example/a?x=1,2>; title="next"; rel="prev"', undefined],
  ['<https://host.example/a?page=9>; rel="last"', undefined],
  ['', undefined],
  [`<${'<'.repeat(50_000)}`, undefined],
])('of %s the next page is %s', (link, next) => {
  expect(nextByLink(page(link))).toBe(next);
});

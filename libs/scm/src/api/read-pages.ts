import { digestBytes } from '@flotilla/kernel';
import type { z } from 'zod';
import { ScmLimitError, ScmListChangedError } from '../scm.errors.js';
import type { NextPage } from './next-page.js';
import { type ApiAnswer, nameOf, readShape, type ScmApi } from './scm-api.js';

export interface PagePlan<Item> {
  /** Address of the first page, below the API's base. */
  path: string;
  /** The body of a page gives its items. */
  items: z.ZodType<Item[]>;
  next: NextPage;
  /** Items a full page has; 1 where the host clamps what is asked for, so that any page may be full. */
  pageSize: number;
}

interface Page<Item> {
  url: URL;
  items: Item[];
  digest: string;
}

const READINGS = 3;

/**
 * Every item of a list, from one state of it. Between two pages the list may move, and an item then slip from the page to
 * come to the one already read; it would look deleted. So the pages before the last are asked again (at no cost
 * where the host knows ETags), and a list that moved is read anew.
 *
 * @throws ScmListChangedError when it moved in each of three readings; ScmLimitError for endless or too many pages
 */
export async function readPages<Item>(api: ScmApi, plan: PagePlan<Item>): Promise<Item[]> {
  for (let reading = 0; reading < READINGS; reading++) {
    const pages = await readOnce(api, plan);
    if (await isStill(api, plan, pages)) return pages.flatMap(({ items }) => items);
  }
  throw new ScmListChangedError(
    `${nameOf(api.resolve(plan.path))} changed each of the ${READINGS} times it was read; it is read again later`,
  );
}

async function readOnce<Item>(api: ScmApi, plan: PagePlan<Item>): Promise<Page<Item>[]> {
  const { pages: maxPages, items: maxItems } = api.limits;
  const pages: Page<Item>[] = [];
  const seen = new Set<string>();
  let count = 0;
  for (let url: URL | undefined = api.resolve(plan.path); url; ) {
    if (pages.length >= maxPages) throw new ScmLimitError(`${nameOf(url)} has more than ${maxPages} pages; narrow what is listed`);
    const { page, next }: { page: Page<Item>; next: URL | undefined } = await readPage(api, plan, url, count);
    const repeats = page.items.length > 0 && page.digest === pages.at(-1)?.digest;
    if (repeats || seen.has(url.href)) throw new ScmLimitError(`${nameOf(url)} gives the same page again and would never end`);
    seen.add(url.href);
    pages.push(page);
    count += page.items.length;
    if (count > maxItems) throw new ScmLimitError(`${nameOf(url)} has more than ${maxItems} items; narrow what is listed`);
    url = next;
  }
  return pages;
}

async function readPage<Item>(
  api: ScmApi,
  plan: PagePlan<Item>,
  url: URL,
  before: number,
): Promise<{ page: Page<Item>; next: URL | undefined }> {
  let answer = await api.fetch(url);
  let items = readShape(plan.items, answer.body, url);
  let next = nextOf(api, plan, answer, items.length, before);
  if (!next && answer.fromCache && items.length >= plan.pageSize) {
    // A full last page keeps its ETag when a page is added after it, so the word that it is the last must be fresh.
    answer = await api.fetch(url, { fresh: true });
    items = readShape(plan.items, answer.body, url);
    next = nextOf(api, plan, answer, items.length, before);
  }
  return { page: { url, items, digest: digestOf(items) }, next };
}

function nextOf<Item>(api: ScmApi, plan: PagePlan<Item>, answer: ApiAnswer, items: number, before: number): URL | undefined {
  const address = plan.next({ ...answer, items, total: before + items, pageSize: plan.pageSize });
  return address === undefined ? undefined : api.resolve(address, answer.url);
}

async function isStill<Item>(api: ScmApi, plan: PagePlan<Item>, pages: readonly Page<Item>[]): Promise<boolean> {
  for (const page of pages.slice(0, -1)) {
    const { body } = await api.fetch(page.url);
    if (digestOf(readShape(plan.items, body, page.url)) !== page.digest) return false;
  }
  return true;
}

function digestOf(items: readonly unknown[]): string {
  return digestBytes(JSON.stringify(items));
}

import { isObject } from '@flotilla/kernel';
import { ScmAnswerError } from '../scm.errors.js';
import { type ApiAnswer, nameOf } from './scm-api.js';

export interface PageSeen extends ApiAnswer {
  /** Items of this page. */
  items: number;
  /** Items of this page and those before it. */
  total: number;
  pageSize: number;
}

/** The address of the page after this one, absolute or relative to it; undefined after the last. */
export type NextPage = (page: PageSeen) => string | undefined;

/** RFC 8288 `Link: <…>; rel="next"`: GitHub. */
export const nextByLink: NextPage = ({ headers }) => {
  for (const [, target, parameters] of (headers.link ?? '').slice(0, 20_000).matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/;\s*rel="?next"?\s*(;|,|$)/.test(parameters!)) return target;
  }
  return undefined;
};

/** GitLab's `x-next-page`, empty on the last page. */
export const nextByPageHeader: NextPage = ({ url, headers }) => {
  const page = headers['x-next-page'];
  return page ? withParameter(url, 'page', page) : undefined;
};

/** Bitbucket Cloud's `next`, a whole address. */
export const nextByField: NextPage = ({ body }) => (isObject(body) && typeof body.next === 'string' && body.next ? body.next : undefined);

/** Bitbucket Server's `isLastPage` and `nextPageStart`. */
export const nextByStart: NextPage = ({ url, body }) => {
  if (!isObject(body) || typeof body.isLastPage !== 'boolean')
    throw new ScmAnswerError(`${nameOf(url)}: a page does not say whether it is the last`);
  if (body.isLastPage) return undefined;
  if (typeof body.nextPageStart !== 'number') throw new ScmAnswerError(`${nameOf(url)}: a page is not the last and names no next one`);
  return withParameter(url, 'start', String(body.nextPageStart));
};

/** Azure DevOps' `x-ms-continuationtoken`. */
export const nextByContinuation: NextPage = ({ url, headers }) => {
  const token = headers['x-ms-continuationtoken'];
  return token ? withParameter(url, 'continuationToken', token) : undefined;
};

/** Azure DevOps' `$skip`: a page that is not full is the last. */
export const nextBySkip: NextPage = ({ url, items, total, pageSize }) =>
  items < pageSize ? undefined : withParameter(url, '$skip', String(total));

/**
 * Gitea counts pages and clamps their size, so a short page says nothing: the last is the one that completes
 * `X-Total-Count`, or an empty one.
 */
export const nextByCount: NextPage = ({ url, headers, items, total }) => {
  const announced = Number.parseInt(headers['x-total-count'] ?? '', 10);
  if (items === 0 || total >= announced) return undefined;
  return withParameter(url, 'page', String(Number(url.searchParams.get('page') ?? 1) + 1));
};

function withParameter(url: URL, name: string, value: string): string {
  const next = new URL(url);
  next.searchParams.set(name, value);
  return next.href;
}

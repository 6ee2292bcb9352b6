/** What one listing may take. A listing that needs more is an error that says so. */
export interface ScmLimits {
  /** Calls to one host with one token under way at once, over all listings. */
  concurrency: number;
  /** One call. */
  timeoutMs: number;
  /** One listing, with branches and paths. */
  listingTimeoutMs: number;
  /** Pages of one list. */
  pages: number;
  /** Items of one list, and branches of one listing. */
  items: number;
  /** One answer. */
  answerBytes: number;
  /** All answers of one listing. */
  listingBytes: number;
  /** Answers kept to ask again with their ETag, over all hosts. */
  cacheBytes: number;
}

export const DEFAULT_SCM_LIMITS: Readonly<ScmLimits> = {
  concurrency: 4,
  timeoutMs: 20_000,
  listingTimeoutMs: 600_000,
  pages: 500,
  items: 20_000,
  answerBytes: 8 * 1024 * 1024,
  listingBytes: 256 * 1024 * 1024,
  cacheBytes: 32 * 1024 * 1024,
};

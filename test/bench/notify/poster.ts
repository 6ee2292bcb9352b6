import { Agent, request } from 'node:http';

/** Bare POSTs over loopback, from a process of their own as the notifier's are. */
export interface PosterQuestion {
  url: string;
  body: string;
  count: number;
  /** Requests under way at once, on connections that are kept. */
  concurrency: number;
}

export interface PosterReport {
  /** Of each POST until its answer, in milliseconds. */
  latenciesMs: number[];
  wallMs: number;
}

const agent = new Agent({ keepAlive: true, noDelay: true });

function post(url: string, body: string): Promise<number> {
  const startedAt = performance.now();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', () => resolve(performance.now() - startedAt));
    })
      .once('error', reject)
      .end(body);
  });
}

async function answer({ url, body, count, concurrency }: PosterQuestion): Promise<PosterReport> {
  const latenciesMs: number[] = [];
  let left = count;
  const startedAt = performance.now();
  const one = async (): Promise<void> => {
    while (left-- > 0) latenciesMs.push(await post(url, body));
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  return { latenciesMs, wallMs: performance.now() - startedAt };
}

process.on('message', (question: PosterQuestion) => {
  answer(question).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: true, rssBytes: process.memoryUsage().rss });

import { agentConfig, type Log, startAgent } from '@flotilla/agent';
import { FakeStateStore } from '@flotilla/agent/testing';
import { MemoryCluster } from './memory-cluster.js';

/** Many agents in one process: all of the agent's own code on the real wire, with a cluster and a disk in memory. */
export type SpokesQuestion = { verb: 'join'; token: string; count: number } | { verb: 'report'; version: string };

export interface SpokesReport {
  /** When each spoke's cluster took this version, in milliseconds since the epoch. */
  appliedAt: number[];
  cpuMs: number;
  rssBytes: number;
  warnings: number;
  lastWarning: string;
}

/** Enrolments under way at once. */
const JOINING = 16;
const appliedAt = new Map<string, number[]>();
let warnings = 0;
let lastWarning = '';
let cpuFrom = process.cpuUsage();

const log: Log = (level, message, fields) => {
  if (level !== 'warn' && level !== 'error') return;
  warnings++;
  lastWarning = `${message} ${JSON.stringify(fields ?? {})}`;
};

async function join(token: string, count: number): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const client = new MemoryCluster(`bench-cluster-${i}`, ({ kind, data }) => {
        const { version: written } = data as { version: string };
        const version = kind === 'Secret' ? Buffer.from(written, 'base64').toString() : written;
        appliedAt.set(version, [...(appliedAt.get(version) ?? []), Date.now()]);
      });
      await startAgent(agentConfig({ joinToken: token }), { client, store: new FakeStateStore(), clusterStore: null, log });
    }
  };
  await Promise.all(Array.from({ length: JOINING }, one));
}

function report(version: string): SpokesReport {
  const { user, system } = process.cpuUsage(cpuFrom);
  cpuFrom = process.cpuUsage();
  const { rss } = process.memoryUsage();
  return { appliedAt: appliedAt.get(version) ?? [], cpuMs: (user + system) / 1000, rssBytes: rss, warnings, lastWarning };
}

process.on('message', (question: SpokesQuestion) => {
  const answering =
    question.verb === 'join' ? join(question.token, question.count).then(() => ({})) : Promise.resolve(report(question.version));
  answering.then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: true, rssBytes: process.memoryUsage().rss });

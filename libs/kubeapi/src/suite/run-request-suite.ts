import { request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { isObject } from '@flotilla/kernel';
import { normaliseAnswer, type RecordedAnswer } from './normalise-answer.js';
import type { RequestStep } from './request-step.js';
import type { RequestSection } from './request-suite.js';

/** Where the suite runs. */
export interface SuiteTarget {
  /** `https://host:port`, or `http:` on loopback. */
  baseUrl: string;
  token?: string;
  /** PEM of the server's CA. */
  ca?: string;
}

/** Answers by `section: step`. */
export type Recording = Record<string, RecordedAnswer>;

const USER_AGENT = 'suite/1.0';
const RETRY_MS = 50;
const RETRY_LIMIT_MS = 5_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Sends every step in order and returns the normalised answers of those that are compared. */
export async function runRequestSuite(target: SuiteTarget, sections: readonly RequestSection[]): Promise<Recording> {
  const agent = target.baseUrl.startsWith('https:') ? new Agent({ ca: target.ca, keepAlive: true }) : undefined;
  const recording: Recording = {};
  try {
    for (const { name, steps } of sections) {
      const captured = new Map<string, string>();
      for (const step of steps) {
        const answer = await runStep(target, agent, step, captured);
        if (!step.isQuiet) recording[`${name}: ${step.name}`] = normaliseAnswer(answer.status, answer.headers, answer.text);
      }
    }
    return recording;
  } finally {
    agent?.destroy();
  }
}

interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

async function runStep(
  target: SuiteTarget,
  agent: Agent | undefined,
  step: RequestStep,
  captured: Map<string, string>,
): Promise<RawAnswer> {
  const until = Date.now() + RETRY_LIMIT_MS;
  for (;;) {
    const answer = await send(target, agent, step, captured);
    if (step.untilStatus === undefined || answer.status === step.untilStatus || Date.now() > until) {
      capture(step, answer, captured);
      return answer;
    }
    await delay(RETRY_MS);
  }
}

function send(target: SuiteTarget, agent: Agent | undefined, step: RequestStep, captured: Map<string, string>): Promise<RawAnswer> {
  const fill = (text: string, encode: (value: string) => string): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => (captured.has(name) ? encode(captured.get(name)!) : whole));
  const body =
    step.body === undefined ? undefined : fill(typeof step.body === 'string' ? step.body : JSON.stringify(step.body), (value) => value);
  const headers: Record<string, string> = {
    'user-agent': USER_AGENT,
    accept: 'application/json',
    ...(target.token ? { authorization: `Bearer ${target.token}` } : {}),
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...step.headers,
  };
  const open = agent ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = open(target.baseUrl + fill(step.path, encodeURIComponent), { method: step.method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) request.destroy(new Error(`${step.name}: the answer is larger than ${MAX_ANSWER_BYTES} bytes`));
        chunks.push(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function capture(step: RequestStep, { text }: RawAnswer, captured: Map<string, string>): void {
  for (const [name, path] of Object.entries(step.capture ?? {})) {
    const value = path
      .split('.')
      .reduce<unknown>((current, member) => (isObject(current) ? current[member] : undefined), JSON.parse(text) as unknown);
    captured.set(name, String(value ?? ''));
  }
}

import { createHash } from 'node:crypto';
import { request } from 'node:https';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { ENROL_TIMEOUT_MS } from '@flotilla/contracts';
import { InvalidInputError, messageOf, UnavailableError } from '@flotilla/kernel';

const TIMEOUT_MS = 15_000;
/** One of a thousand agents that come at once waits for its turn. */
const ANSWER_TIMEOUT_MS = ENROL_TIMEOUT_MS + 5_000;
const MAX_ANSWER_BYTES = 256 * 1024;
const MAX_CHAIN = 10;

/**
 * Asks the hub for its certificate chain and returns the one certificate (PEM) whose sha256 the join token names. Nothing is sent
 * on this connection and nothing of it is believed but those pinned bytes; every later one verifies against them.
 * @throws InvalidInputError when no certificate of the chain is the pinned one
 */
export function fetchPinnedCa(hubUrl: string, sha256: string): Promise<string> {
  const url = new URL(hubUrl);
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(new UnavailableError(`hub ${url.host} is not reachable: ${messageOf(error)}`, {}, error));
    const port = Number(url.port || 443);
    const socket = connect(
      { host: url.hostname, port, servername: serverName(url), rejectUnauthorized: false, timeout: TIMEOUT_MS },
      () => {
        const pinned = chainOf(socket.getPeerCertificate(true)).find((der) => createHash('sha256').update(der).digest('hex') === sha256);
        socket.destroy();
        if (pinned) resolve(pemOf(pinned));
        else
          reject(new InvalidInputError(`hub ${url.host} does not show the certificate that the join token names; it may not be that hub`));
      },
    );
    socket.on('timeout', () => socket.destroy(new Error('no answer in time')));
    socket.on('error', fail);
  });
}

function chainOf(leaf: DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = [];
  for (let at: DetailedPeerCertificate | undefined = leaf; at?.raw && chain.length < MAX_CHAIN; at = at.issuerCertificate) {
    if (chain.some((der) => der.equals(at!.raw))) break;
    chain.push(at.raw);
  }
  return chain;
}

const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd()}\n-----END CERTIFICATE-----\n`;

const serverName = (url: URL): string | undefined => (/^[\d.]+$|:/.test(url.hostname) ? undefined : url.hostname);

/** POSTs JSON to the hub, trusting its own CA alone. Answers of 4xx come back as they are. @throws UnavailableError */
export function postToHub(hubUrl: string, path: string, body: unknown, ca: string): Promise<unknown> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new UnavailableError(`hub ${new URL(hubUrl).host} does not answer ${path}: ${messageOf(error)}`, {}, error));
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const sent = request(new URL(path, hubUrl), { method: 'POST', ca, headers, timeout: ANSWER_TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too large'));
        chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        if ((response.statusCode ?? 500) >= 500) return fail(new Error(`HTTP ${response.statusCode}`));
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch {
          fail(new Error(`HTTP ${response.statusCode} without a JSON answer`));
        }
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', fail);
    sent.end(text);
  });
}

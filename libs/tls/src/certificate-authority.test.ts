import { X509Certificate } from 'node:crypto';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { certificateDigest, createAuthority, issueServerCertificate } from './index.js';

const now = Date.now();

test('a server certificate of the authority is trusted for its names only', async () => {
  const authority = await createAuthority('Flotilla test', now);
  const pair = await issueServerCertificate(authority, ['localhost', '127.0.0.1'], now);
  const certificate = new X509Certificate(pair.certificate);
  expect(certificate.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkHost('example.com')).toBeUndefined();
  expect(certificateDigest(authority.certificate)).toMatch(/^[0-9a-f]{64}$/);
});

test('a TLS client that trusts the authority reaches the server', async () => {
  const authority = await createAuthority('Flotilla test', now);
  const pair = await issueServerCertificate(authority, ['localhost'], now);
  const server = createServer({ cert: pair.certificate, key: pair.key }, (_, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  const status = await new Promise((resolve, reject) => {
    request({ host: 'localhost', port, ca: authority.certificate }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  expect(status).toBe(200);
  await new Promise((resolve) => server.close(resolve));
});

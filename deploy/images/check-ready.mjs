// Health check of a container: exits 0 when the URL answers 200.
// usage: node check-ready.mjs URL [CA_FILE]
import { readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

const TIMEOUT_MS = 5_000;
const [url, caFile] = process.argv.slice(2);
const request = url.startsWith('https:') ? requestHttps : requestHttp;

request(url, { ca: caFile && readFileSync(caFile), timeout: TIMEOUT_MS }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1))
  .end();

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { freePort, startLocalPostgres } from '@flotilla/localserver';
import { type Database, openDatabase } from '@flotilla/persistence';
import { median, timed } from './measure.js';

const ROUNDS = 5;
const MIB = 1024 * 1024;
const HASH_BYTES = 64 * MIB;
const PINGS = 500;
const SYNCS = 100;
const COPY_ROWS = 100_000;

export interface Calibration {
  sha256MBps: number;
  jsonMBps: number;
  syncsPerSecond: number;
  loopbackRttUs: number;
  copyRowsPerSecond: number;
}

/** What this machine can do now, without any of our code. */
export async function calibrate(directory: string): Promise<Calibration> {
  return {
    sha256MBps: Math.round(await hashing()),
    jsonMBps: Math.round(await parsing()),
    syncsPerSecond: Math.round(await syncing(join(directory, 'sync'))),
    loopbackRttUs: Math.round(await pinging()),
    copyRowsPerSecond: Math.round(await copying(directory)),
  };
}

async function repeat(work: () => Promise<number>): Promise<number> {
  const results: number[] = [];
  for (let i = 0; i < ROUNDS; i++) results.push(await work());
  return median(results);
}

function hashing(): Promise<number> {
  const bytes = Buffer.alloc(HASH_BYTES, 'flotilla');
  return repeat(async () => HASH_BYTES / 1000 / (await timed(() => createHash('sha256').update(bytes).digest())));
}

function parsing(): Promise<number> {
  const container = { name: 'web', image: 'example.org/web:1', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } };
  const text = JSON.stringify(Array.from({ length: 50_000 }, (_, i) => ({ metadata: { name: `web-${i}` }, spec: container })));
  return repeat(async () => text.length / 1000 / (await timed(() => JSON.parse(text))));
}

function syncing(file: string): Promise<number> {
  const block = Buffer.alloc(4096, 1);
  return repeat(async () => {
    const fd = openSync(file, 'w');
    const ms = await timed(() => {
      for (let i = 0; i < SYNCS; i++) {
        writeSync(fd, block);
        fsyncSync(fd);
      }
    });
    closeSync(fd);
    return (SYNCS / ms) * 1000;
  });
}

async function pinging(): Promise<number> {
  const server = createServer((socket) => socket.setNoDelay(true).pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  const us = await repeat(async () => ((await timed(() => pingPong(socket))) * 1000) / PINGS);
  socket.destroy();
  server.close();
  return us;
}

async function pingPong(socket: Socket): Promise<void> {
  for (let i = 0; i < PINGS; i++) {
    socket.write('.');
    await once(socket, 'data');
  }
}

/** COPY into a logged table, on a server with the settings of the hub's own. */
async function copying(directory: string): Promise<number> {
  const server = await startLocalPostgres({ directory, runDirectory: directory, port: await freePort() });
  const database = openDatabase({ url: server.url, maxConnections: 1, applicationName: 'flotilla bench' });
  try {
    return await copyRate(database);
  } finally {
    await database.close();
    await server.stop();
  }
}

async function copyRate(database: Database): Promise<number> {
  const [place] = await database.query<{ file: string }>(`SELECT current_setting('data_directory') || '/bench.copy' AS file`);
  const file = `'${place!.file.replaceAll("'", "''")}'`;
  await database.query('CREATE TABLE bench_copy (cluster int, app int, digest bytea)');
  await database.query(`COPY (SELECT n / 10, n % 10, sha256(n::text::bytea) FROM generate_series(1, ${COPY_ROWS}) n) TO ${file}`);
  return repeat(async () => {
    await database.query('TRUNCATE bench_copy');
    return (COPY_ROWS / (await timed(() => database.query(`COPY bench_copy FROM ${file}`)))) * 1000;
  });
}

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@flotilla/demo';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ServiceStage } from '../bench/run/service-stage.js';
import { worldDirectory } from '../scenarios/stage/play-short.js';
import { GrantedSpoke } from './stage/granted-spoke.js';
import { HoldingProvider } from './stage/holding-provider.js';

let directory: string;
let stage: ServiceStage;
let provider: HoldingProvider;
let spoke: GrantedSpoke;
let rotations = 0;

beforeAll(async () => {
  directory = worldDirectory();
  provider = await HoldingProvider.start();
  const settings = { FLOTILLA_BROKER_ALLOW_ADDRESSES: '127.0.0.1/32' };
  stage = await ServiceStage.start({ directory: join(directory, 'stage'), service: 'broker', self: 'orchestrator', settings });
  provider.value = 'value-0';
  spoke = await GrantedSpoke.create(stage, provider.spec);
  await spoke.versionAfter(undefined);
}, 60_000);

afterAll(async () => {
  await spoke?.close();
  await stage?.stop();
  provider?.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}, 30_000);

beforeEach(() => {
  provider.onRead = () => false;
  provider.onAnswered = () => {};
  provider.reads = 0;
  spoke.onAsked = () => {};
  provider.value = `value-${++rotations}`;
});

/** Starts the broker again, half a minute later by its claims: nobody reads what a copy that may still live is reading. */
async function startAgain(): Promise<void> {
  await stage.platform.database.query('UPDATE broker.values SET claimed_until = clock_timestamp() WHERE claimed_until IS NOT NULL');
  await stage.begin();
}

/** Rotates; the broker dies as `strike` says. */
async function rotateAndKill(strike: (kill: () => void) => void): Promise<string> {
  const former = (await spoke.grant()).status!.version!;
  const killed = new Promise<void>((resolve) => strike(() => resolve(stage.process.kill())));
  await spoke.rotate();
  await killed;
  return former;
}

describe('kill -9 of the broker', () => {
  test('while the provider is read: the former value stays in force and is served, the new one is read again', {
    timeout: 60_000,
  }, async () => {
    const former = await rotateAndKill((kill) => {
      provider.onRead = () => {
        kill();
        return true;
      };
    });
    provider.onRead = () => true;
    await startAgain();
    expect((await spoke.grant()).status?.version).toBe(former);
    expect(await spoke.fetch(former)).toBe(`value-${rotations - 1}`);
    await until('the next copy to read', async () => provider.reads === 2);
    await stage.process.kill();

    provider.onRead = () => false;
    await startAgain();
    expect(await spoke.fetch(await spoke.versionAfter(former))).toBe(provider.value);
    console.log(`nothing lost; the provider was read ${provider.reads} times for one rotation, twice in vain`);
  });

  test('between read and seal: what was answered and not kept is read again', { timeout: 60_000 }, async () => {
    const former = await rotateAndKill((kill) => {
      provider.onAnswered = () => {
        provider.onAnswered = () => {};
        kill();
      };
    });
    const isKept = (await spoke.grant()).status?.version !== former;
    await startAgain();
    expect(await spoke.fetch(await spoke.versionAfter(former))).toBe(provider.value);
    expect(provider.reads).toBe(isKept ? 1 : 2);
    console.log(`nothing lost; the provider was read ${provider.reads} times for one rotation`);
  });

  test('between seal and the acknowledgement: the spoke asks again and gets the same version, the provider is not asked', {
    timeout: 60_000,
  }, async () => {
    const former = (await spoke.grant()).status!.version!;
    await spoke.rotate();
    const version = await spoke.versionAfter(former);
    expect(provider.reads).toBe(1);
    // It knows who asks and is about to seal: this answer never comes.
    const killed = new Promise<void>((resolve) => {
      spoke.onAsked = () => resolve(stage.process.kill());
    });
    const lost = spoke.fetch(version).then(
      () => 'answered',
      () => 'no answer',
    );
    await killed;
    expect(await lost).toBe('no answer');
    spoke.onAsked = () => {};
    await startAgain();
    expect(await spoke.fetch(version)).toBe(provider.value);
    // It was sent, and nobody has said that it was applied.
    await stage.process.kill();
    await startAgain();
    expect(await spoke.fetch(version)).toBe(provider.value);
    expect((await spoke.grant()).status?.version).toBe(version);
    expect(provider.reads).toBe(1);
    console.log('nothing lost; the spoke asked three times and was answered twice with the same version, the provider was read once');
  });
});

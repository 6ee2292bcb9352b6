import 'reflect-metadata';
import type { Environment } from '@flotilla/config';
import type { HubService } from '@flotilla/contracts';
import { messageOf, onStopSignal } from '@flotilla/kernel';
import { startProbeServer, startTelemetry } from '@flotilla/telemetry';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { openPlatform, type Platform } from './open-platform.js';
import { readPlatformConfig } from './platform.config.js';

export interface ServiceDefinition {
  name: HubService;
  env: Environment;
  /** Where `/healthz`, `/readyz` and `/metrics` are served; port 0 for any free one. */
  probes: { host: string; port: number };
  module(platform: Platform, metricsText: () => Promise<string>): DynamicModule;
  /** Opens the application of the module; without it one that listens to NATS alone. */
  open?(module: DynamicModule): Promise<INestApplicationContext>;
  /** The provider that says why the service cannot do its work; no reasons when it can. */
  health: Type<{ notReady(): readonly string[] }>;
}

export interface RunningService {
  probePort: number;
  stop(): Promise<void>;
}

const FORCED_EXIT_MS = 20_000;

/** Starts one service of the hub as this process's own: telemetry, platform, module, probes; what has started is stopped when a later part fails. */
export async function startService({ name, env, probes, module, open = openContext, health }: ServiceDefinition): Promise<RunningService> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopPart of stops.splice(0).toReversed()) await stopPart();
  };
  try {
    const config = readPlatformConfig(env);
    const telemetry = await startTelemetry({ service: name, otlpEndpoint: config.otlpEndpoint });
    stops.push(() => telemetry.stop());
    const platform = await openPlatform(config, { name });
    stops.push(() => platform.close());
    const metricsText = (): Promise<string> => telemetry.metricsText();
    const application = await open(module(platform, metricsText));
    stops.push(() => application.close());
    const service = application.get(health, { strict: false });
    const served = await startProbeServer({ ...probes, metricsText, notReady: () => service.notReady() });
    stops.push(() => served.stop());
    platform.logger.info('service serves', { port: served.port });
    return { probePort: served.port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The whole of a service's `main.ts`: starts it, stops it in order on a signal, exits 1 saying why when it cannot. */
export async function runService(definition: ServiceDefinition): Promise<void> {
  const fail = (error: unknown): void => {
    console.error(`flotilla ${definition.name}: ${messageOf(error)}`);
    process.exit(1);
  };
  const running = await startService(definition).catch(fail);
  onStopSignal(() => {
    setTimeout(() => process.exit(1), FORCED_EXIT_MS).unref();
    running?.stop().catch(fail);
  });
}

function openContext(module: DynamicModule): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
}

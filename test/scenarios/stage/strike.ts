import { setTimeout as delay } from 'node:timers/promises';
import { type HubProcess, until, type World } from '@flotilla/demo';
import { seeded } from './seed.js';

export const COMPONENTS = ['hub', 'nats', 'postgres', 'agent'] as const;
export type Component = (typeof COMPONENTS)[number];

/** One SIGKILL: which component dies, in which step, and how long after the step began. */
export interface Strike {
  component: Component;
  step: number;
  afterMs: number;
}

const LATEST_MS = 1_500;

/** One kill for each component, at a step and a moment that follow from the seed. */
export function planStrikes(seed: number, steps: number): Strike[] {
  const random = seeded(seed);
  return COMPONENTS.map((component) => ({
    component,
    step: Math.floor(random() * steps),
    afterMs: Math.floor(random() * LATEST_MS),
  }));
}

export function tellStrikes(strikes: readonly Strike[]): string {
  return strikes.map(({ component, step, afterMs }) => `${component} in step ${step + 1} after ${afterMs} ms`).join(', ');
}

/** Kills the component and brings it back: the hub and the agent as somebody would start them again, the servers by the hub's own hand. */
export async function strike(world: World, { component, afterMs }: Strike): Promise<void> {
  await delay(afterMs);
  if (component === 'hub') return restart(world.hub);
  if (component === 'agent') {
    const agent = await until('an agent to kill', async () => world.spokes[0]?.agent);
    await agent.kill();
    agent.start();
    return;
  }
  await until(`a ${component} to kill`, async () => {
    world.hub.killChild(component);
    return true;
  });
}

async function restart(hub: HubProcess): Promise<void> {
  await hub.kill();
  await hub.start();
}

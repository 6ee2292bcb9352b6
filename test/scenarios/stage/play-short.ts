import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type StoryHub, World } from '@flotilla/demo';
import { expect } from 'vitest';
import { ClusterHistory } from './cluster-history.js';
import { CLUSTERS } from './manifests.js';
import { ShortStory } from './short-story.js';

/** A push hint may die with whoever took it; the poll finds the commit then, and a story need not wait long for it. */
export const SHORT_POLL = { FLOTILLA_GIT_POLL_INTERVAL: '5s' };

export const CONTENT = fileURLToPath(new URL('../testdata/fleet', import.meta.url));

/** A directory that PostgreSQL's unprivileged account can pass through. */
export function worldDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'flotilla-story-'));
  chmodSync(directory, 0o711);
  return directory;
}

/** A running hub and two simulated clusters, before anything is enrolled. */
export async function startWorld(settings: NodeJS.ProcessEnv = {}, content = CONTENT): Promise<World> {
  const world = await World.create(worldDirectory(), { content, settings: { ...SHORT_POLL, ...settings } });
  try {
    await Promise.all([world.simulateClusters(CLUSTERS), world.hub.start()]);
    return world;
  } catch (error) {
    await end(world);
    throw error;
  }
}

/** Stops everything; FLOTILLA_KEEP=1 leaves logs and data for whoever looks into a failure. */
export async function end(world: World<StoryHub>): Promise<void> {
  await world.stop();
  if (process.env.FLOTILLA_KEEP === '1') console.log(`kept ${world.directory}`);
  else await world.remove();
}

/** What happens while the story is played. */
export interface Meanwhile<Hub extends StoryHub> {
  /** Beside a step, by its index. */
  beside?(step: number): Promise<unknown>;
  /** Before a step; with the number of steps, after the last one. */
  before?(step: number, story: ShortStory<Hub>): Promise<unknown>;
}

/** Plays the short story with something happening beside each step, and checks what must hold whatever happened. */
export async function playShort<Hub extends StoryHub>(world: World<Hub>, meanwhile: Meanwhile<Hub>): Promise<void> {
  const history = await ClusterHistory.follow(world.spokes, world.directory);
  const story = new ShortStory(world);
  const times: string[] = [];
  try {
    for (const [index, { name, run }] of story.steps.entries()) {
      const startedAt = Date.now();
      await meanwhile.before?.(index, story);
      await Promise.all([run(), meanwhile.beside?.(index)]);
      times.push(`${name} ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    }
    await meanwhile.before?.(story.steps.length, story);
    await story.untilEnd();
  } finally {
    await history.stop();
    console.log(`steps played: ${times.join(', ')}`);
  }
  // I7: nothing was pruned but what the story removed, and that once.
  expect(history.deleted.toSorted()).toEqual(story.deletions.toSorted());
  // I2: no agent ever went back to an older document, and each held several.
  expect(history.setbacks()).toEqual([]);
  expect([...history.generations.values()].every((held) => held.length >= 2)).toBe(true);
}

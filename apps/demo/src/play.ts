import type { Clock } from '@flotilla/kernel';
import { messageOf } from '@flotilla/kernel';
import { BEGIN } from './story/begin.js';
import { CANARY } from './story/canary.js';
import { FAULTS } from './story/faults.js';
import { MESSAGES } from './story/messages.js';
import { RELEASES } from './story/releases.js';
import { SECRETS } from './story/secrets.js';
import type { Story } from './story/story.js';

export const STEPS = [...BEGIN, ...SECRETS, ...RELEASES, MESSAGES, ...FAULTS, CANARY];

/** What `--exit` prints as one line of JSON. */
export interface Summary {
  ok: boolean;
  seconds: number;
  steps: { name: string; ok: boolean; seconds: number; result: string }[];
}

/** Plays the steps in order; the first that fails ends the story. */
export async function play(story: Story, clock: Clock): Promise<Summary> {
  const startedAt = clock.now();
  const seconds = (since: number): number => Math.round((clock.now() - since) / 10) / 100;
  const steps: Summary['steps'] = [];
  for (const { name, title, run } of STEPS) {
    const at = clock.now();
    story.narrator.chapter(title);
    try {
      const result = await run(story);
      story.say(`done: ${result}`);
      steps.push({ name, ok: true, seconds: seconds(at), result });
    } catch (error) {
      story.say(`FAILED: ${messageOf(error)}`);
      steps.push({ name, ok: false, seconds: seconds(at), result: messageOf(error) });
      return { ok: false, seconds: seconds(startedAt), steps };
    }
  }
  return { ok: true, seconds: seconds(startedAt), steps };
}

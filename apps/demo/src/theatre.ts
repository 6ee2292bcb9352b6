import { join } from 'node:path';
import { systemClock } from '@flotilla/kernel';
import { castOf, rolesOf, SIMULATED } from './cast.js';
import { closingWords } from './closing-words.js';
import { type DemoConfig, makeDirectory } from './demo.config.js';
import { LentClusters } from './lent-clusters.js';
import type { Narrator } from './narrator.js';
import { play, type Summary } from './play.js';
import { SINK_ADDRESSES, Sinks } from './props/sinks.js';
import { type Cast, Story } from './story/story.js';
import { World } from './world.js';

/** A real cluster has to fetch images, which a simulated one does not. */
const REAL_PROGRESS_DEADLINE_S = 30;

/** Sets the stage for one story, on simulated or on lent clusters, and clears it again. */
export class Theatre {
  readonly #narrator: Narrator;
  #world: World | undefined;
  #lent: LentClusters | undefined;
  #sinks: Sinks | undefined;

  constructor(narrator: Narrator) {
    this.#narrator = narrator;
  }

  async play({ lent }: DemoConfig): Promise<Summary> {
    const story = lent ? await this.#onLent(lent.kubeconfig, lent.contexts) : await this.#onSimulated();
    const summary = await play(story, systemClock);
    this.#narrator.end();
    return summary;
  }

  showWhatNext(summary: Summary): void {
    const { directory } = this.#world!;
    if (summary.ok) this.#narrator.block(closingWords(this.#world!, this.#lent?.namespace ?? SIMULATED.namespace));
    else this.#narrator.block(`The story stopped; logs are in ${directory}/logs. Ctrl-C ends and removes everything.`);
  }

  /** Stops every process, then removes what it made: lent clusters are cleared also when the rest of it fails. */
  async close(): Promise<void> {
    this.#narrator.end();
    try {
      await this.#world?.stop();
      await this.#sinks?.close();
      await this.#world?.remove();
    } finally {
      if (this.#lent) this.#narrator.line('clearing the lent clusters');
      await this.#lent?.remove();
      this.#lent?.close();
    }
  }

  async #onSimulated(): Promise<Story> {
    const world = await this.#createWorld();
    await world.simulateClusters(rolesOf(SIMULATED));
    return this.#tell(world, SIMULATED);
  }

  async #onLent(kubeconfig: string, contexts: readonly string[]): Promise<Story> {
    const lent = await LentClusters.open(kubeconfig, contexts);
    this.#lent = lent;
    for (const place of lent.places) this.#narrator.line(place);
    const cast = castOf(lent.names, lent.namespace);
    // A fleet of its own: agents of other hubs on these clusters do not watch what the story makes.
    const world = await this.#createWorld({ FLOTILLA_FLEET: lent.namespace });
    world.spokes.push(...(await lent.prepare(rolesOf(cast), join(world.directory, 'clusters'))));
    await world.repository.edit('charts/web/values.yaml', (text) =>
      text.replace(/^progressDeadlineSeconds: .*$/m, `progressDeadlineSeconds: ${REAL_PROGRESS_DEADLINE_S}`),
    );
    return this.#tell(world, cast);
  }

  async #createWorld(settings: NodeJS.ProcessEnv = {}): Promise<World> {
    this.#world = await World.create(makeDirectory(), { settings: { ...settings, FLOTILLA_NOTIFIER_ALLOW_ADDRESSES: SINK_ADDRESSES } });
    return this.#world;
  }

  async #tell(world: World, cast: Cast): Promise<Story> {
    this.#sinks = await Sinks.start();
    return new Story(world, this.#narrator, cast, this.#sinks);
  }
}

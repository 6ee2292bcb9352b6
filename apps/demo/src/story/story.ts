import type { Application } from '@flotilla/contracts';
import { isSettled } from '../fleet-view.js';
import { runFlotilla } from '../flotilla-cli.js';
import { readManifest } from '../manifests.js';
import type { Narrator } from '../narrator.js';
import { SecretFile } from '../props/secret-file.js';
import type { Sinks } from '../props/sinks.js';
import { until } from '../until.js';
import type { World } from '../world.js';

/** Names the story plays with; on real clusters those of their contexts. */
export interface Cast {
  dev: string;
  staging: string;
  prod: string;
  fleet: string;
  namespace: string;
}

/** One step: does something, waits for what must follow, and throws when it does not. Its text is told and kept. */
export interface Step {
  name: string;
  title: string;
  run(story: Story): Promise<string>;
}

export class Story {
  readonly world: World;
  readonly narrator: Narrator;
  readonly cast: Cast;
  /** Where the hub's messages arrive. */
  readonly sinks: Sinks;
  /** What the broker reads. */
  readonly secretFile: SecretFile;

  constructor(world: World, narrator: Narrator, cast: Cast, sinks: Sinks) {
    this.world = world;
    this.narrator = narrator;
    this.cast = cast;
    this.sinks = sinks;
    this.secretFile = new SecretFile(world.hub.directory);
  }

  get parameters(): Record<string, string> {
    const { dev, staging, prod, fleet, namespace } = this.cast;
    return { DEV: dev, STAGING: staging, PROD: prod, FLEET: fleet, NAMESPACE: namespace, REPOSITORY: this.world.repository.url };
  }

  say(text: string): void {
    this.narrator.line(text);
  }

  /** Applies a manifest of the demo, with some of its parameters replaced. */
  async apply(name: string, changed: Record<string, string> = {}): Promise<void> {
    await this.world.fleet.apply(await readManifest(name, { ...this.parameters, ...changed }));
  }

  /** Runs a command of the CLI and shows it with what it prints. */
  async flotilla(...args: string[]): Promise<void> {
    this.say(`$ flotilla ${args.map((arg) => (arg.includes(' ') ? JSON.stringify(arg) : arg)).join(' ')}`);
    const text = await runFlotilla(this.world.hub.facts, args);
    for (const line of text.trimEnd().split('\n')) this.say(`  ${line}`);
  }

  /** Commits, pushes and tells the hub as a Git server would. */
  async push(message: string): Promise<string> {
    const commit = await this.world.repository.push(message);
    await this.world.fleet.hint(this.world.repository.url);
    this.say(`git push: ${commit} ${message}`);
    return commit;
  }

  /** Waits for a state of the applications, keeping the board up to date on the way. */
  untilApplications(what: string, isSo: (applications: Application[]) => boolean, timeoutMs = 60_000): Promise<boolean> {
    return until(
      what,
      async () => {
        const applications = await this.world.fleet.applications();
        this.narrator.show(await this.world.fleet.board());
        if (isSo(applications)) return true;
        throw new Error(describe(applications));
      },
      timeoutMs,
    );
  }

  /** Expects something to be so, now. */
  expect(what: string, isSo: boolean): void {
    if (!isSo) throw new Error(`expected ${what}`);
  }
}

function describe(applications: Application[]): string {
  const open = applications.filter((application) => !isSettled(application));
  const texts = open.map(({ metadata, status }) => {
    const conditions = status?.conditions?.map(({ type, message }) => `${type}: ${message}`).join('; ');
    return `${metadata.name} ${status?.sync?.status ?? 'Unknown'}/${status?.health?.status ?? 'Unknown'}${conditions ? ` (${conditions})` : ''}`;
  });
  return `${applications.length} applications; not settled: ${texts.join(', ') || 'none'}`;
}

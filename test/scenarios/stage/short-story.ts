import type { Application } from '@flotilla/contracts';
import { isSettled, type SpokeCluster, type StoryHub, until, type World } from '@flotilla/demo';
import type { KubeClient, LiveObject } from '@flotilla/kubeclient';
import { documents, NAMESPACE } from './manifests.js';

/** Every wait of the story; a killed component may cost a good part of it on a busy machine. */
const PATIENCE_MS = 150_000;
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

export interface ShortStep {
  name: string;
  run(): Promise<void>;
}

/**
 * Enrol, release, commit, edit, remove, on two clusters. Each step only asks for what it wants until it has it, as people and Git
 * servers do, so that it may be played while something dies.
 */
export class ShortStory<Hub extends StoryHub> {
  /** `cluster/Kind/name` of what the story deletes: by a commit, by hand, by a removal. Anything else that goes was an accident. */
  readonly deletions: string[] = [];
  readonly #world: World<Hub>;
  readonly #absent = new Set<string>();
  #head = '';

  constructor(world: World<Hub>) {
    this.#world = world;
  }

  get steps(): readonly ShortStep[] {
    return [
      { name: 'enrol', run: () => this.#enrol() },
      { name: 'first release', run: () => this.#release() },
      { name: 'commit', run: () => this.#commit() },
      { name: 'edit healed', run: () => this.#edit() },
      { name: 'removal', run: () => this.#remove() },
    ];
  }

  /** From now on the story expects nothing of this cluster and leaves its objects alone. */
  leave(cluster: string): void {
    this.#absent.add(cluster);
  }

  rejoin(cluster: string): void {
    this.#absent.delete(cluster);
  }

  get #present(): SpokeCluster[] {
    return this.#world.spokes.filter(({ name }) => !this.#absent.has(name));
  }

  async #enrol(): Promise<void> {
    for (const spoke of this.#world.spokes) {
      await this.#until(`agent ${spoke.name} to be started`, async () => {
        if (!spoke.agent) await this.#world.startAgent(spoke);
        return true;
      });
    }
    await this.untilConnected();
  }

  async untilConnected(): Promise<void> {
    await this.#until('every cluster to be connected', async () => {
      const clusters = await this.#world.fleet.clusters();
      return this.#present.every(({ name }) => clusters.find(({ metadata }) => metadata.name === name)?.status?.phase === 'Connected');
    });
  }

  async #release(): Promise<void> {
    await this.#push('the shop opens');
    for (const document of documents(this.#world.repository.url))
      await this.#until(`${document.kind} ${document.metadata.name} to be taken`, () => this.#world.fleet.apply(document));
    await this.untilSettled(['shop-east', 'shop-west', 'tool-cache', 'tool-queue'], 'one', 'v1');
  }

  async #commit(): Promise<void> {
    const { repository } = this.#world;
    await repository.edit('shop/settings.yaml', (text) => text.replace('one', 'two'));
    await repository.edit('shop/deployment.yaml', (text) => text.replace('shop:v1', 'shop:v2'));
    await repository.remove('shop/extra.yaml');
    await this.#push('two, and nothing extra');
    this.deletions.push(...this.#world.spokes.map(({ name }) => `${name}/ConfigMap/extra`));
    await this.untilSettled(['shop-east', 'shop-west', 'tool-cache', 'tool-queue'], 'two', 'v2');
    for (const { client, name } of this.#present)
      await this.#until(`extra to be pruned from ${name}`, async () => (await client.get(`${CONFIG_MAPS}/extra`)) === undefined);
  }

  async #edit(): Promise<void> {
    const [edited, deleted = edited] = this.#present;
    const uid = (await deleted!.client.get(`${CONFIG_MAPS}/settings`))?.metadata.uid;
    await edited!.client.request('PATCH', `${CONFIG_MAPS}/settings`, {
      contentType: 'application/merge-patch+json',
      body: { data: { MESSAGE: 'edited by hand' } },
    });
    await this.#until('the edit to be healed', async () => (await messageOn(edited!.client)) === 'two');
    await deleted!.client.request('DELETE', `${CONFIG_MAPS}/settings`);
    this.deletions.push(`${deleted!.name}/ConfigMap/settings`);
    await this.#until('the deleted object to be back', async () => {
      const back = await deleted!.client.get(`${CONFIG_MAPS}/settings`);
      return back && back.metadata.uid !== uid && dataOf(back).MESSAGE === 'two';
    });
  }

  async #remove(): Promise<void> {
    await this.#world.repository.remove('tools/cache');
    await this.#push('no cache any more');
    this.deletions.push('east/ConfigMap/cache');
    await this.#until(
      'the cache to be pruned',
      async () => (await this.#world.spokes[0]!.client.get(`${CONFIG_MAPS}/cache`)) === undefined,
    );
    await this.untilEnd();
  }

  /** The state the story ends in, seen from the hub and on the clusters. */
  async untilEnd(): Promise<void> {
    await this.untilConnected();
    await this.untilSettled(['shop-east', 'shop-west', 'tool-queue'], 'two', 'v2');
  }

  /** Waits until exactly these applications are Synced and Healthy at the newest commit, and the clusters run what it says. */
  async untilSettled(names: readonly string[], message: string, tag: string): Promise<void> {
    await this.#until(`${names.join(', ')} to be settled at ${this.#head}`, async () => {
      const applications = await this.#world.fleet.applications();
      const open = applications.filter(
        (application) =>
          !this.#absent.has(application.spec.destination.name ?? '') && !(isSettled(application) && this.#isAtHead(application)),
      );
      const found = applications.map(({ metadata }) => metadata.name).toSorted();
      if (open.length > 0 || found.join() !== names.join()) throw new Error(`${found.join(', ')}; open: ${open.map(tell).join('; ')}`);
      return true;
    });
    for (const { client, name } of this.#present) {
      await this.#until(`${name} to say ${message} and run ${tag}`, async () => {
        const deployment = await client.get(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/shop`);
        return (await messageOn(client)) === message && JSON.stringify(deployment).includes(`registry.local/shop:${tag}"`);
      });
    }
  }

  #isAtHead({ status }: Application): boolean {
    return status?.sync?.revision?.startsWith(this.#head) ?? false;
  }

  async #push(message: string): Promise<void> {
    this.#head = await this.#world.repository.push(message);
    await this.#until('the hub to hear of the push', async () => {
      await this.#world.fleet.hint(this.#world.repository.url);
      return true;
    });
  }

  #until<T>(what: string, ask: () => Promise<T>): Promise<NonNullable<T>> {
    return until(what, ask, PATIENCE_MS);
  }
}

const dataOf = (object: LiveObject | undefined): Record<string, string> => (object?.data ?? {}) as Record<string, string>;

async function messageOn(client: KubeClient): Promise<string | undefined> {
  return dataOf(await client.get(`${CONFIG_MAPS}/settings`)).MESSAGE;
}

function tell({ metadata, status }: Application): string {
  const conditions = status?.conditions?.map(({ type, message }) => `${type}: ${message}`).join(', ');
  return `${metadata.name} ${status?.sync?.status}/${status?.health?.status} at ${status?.sync?.revision?.slice(0, 8)} ${conditions ?? ''}`;
}

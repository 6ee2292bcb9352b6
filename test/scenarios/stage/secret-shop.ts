import type { ReceiptsVerbReply } from '@flotilla/contracts';
import { type SpokeCluster, until, type World } from '@flotilla/demo';

/** The Secret that the shop asks for, on each cluster. */
export const SECRET = '/api/v1/namespaces/shop/secrets/db';

/** A policy of neither prune nor self-heal: what becomes of a granted secret does not hang on it. */
export const shopOn = (cluster: string, repoURL: string) => ({
  apiVersion: 'argoproj.io/v1alpha1' as const,
  kind: 'Application' as const,
  metadata: { name: `shop-${cluster}`, namespace: 'argocd' },
  spec: {
    project: 'default',
    source: { repoURL, path: 'shop', targetRevision: 'main' },
    destination: { name: cluster, namespace: 'shop' },
    syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
  },
});

export async function passwordOn({ client }: SpokeCluster): Promise<string | undefined> {
  const { password } = ((await client.get(SECRET))?.data ?? {}) as { password?: string };
  return password === undefined ? undefined : Buffer.from(password, 'base64').toString();
}

/** Every cluster has it, and has said so. @returns the versions that the receipts name, once each */
export async function untilEverywhere(world: World, value: string, patienceMs?: number): Promise<string[]> {
  for (const spoke of world.spokes) {
    await until(`${spoke.name} to have ${value}`, async () => (await passwordOn(spoke)) === value, patienceMs);
  }
  return until(
    'every receipt',
    async () => {
      const { receipts } = await world.hub.client.request<ReceiptsVerbReply>('GET', '/v1/secrets/receipts');
      if (receipts.length !== world.spokes.length || !receipts.every(({ done }) => done)) throw new Error(JSON.stringify(receipts));
      return [...new Set(receipts.map(({ version }) => version ?? ''))];
    },
    patienceMs,
  );
}

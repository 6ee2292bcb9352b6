import type { Cast } from './story/story.js';

const FLEET = 'demo';

/** A cluster of the story before it exists. */
export interface Role {
  name: string;
  labels: Record<string, string>;
}

export const SIMULATED = castOf(['dev-eu', 'staging-eu', 'prod-us'], 'shop');

/** The story with clusters of these names as dev, staging and prod. */
export function castOf([dev, staging, prod]: readonly [string, string, string], namespace: string): Cast {
  return { dev, staging, prod, fleet: FLEET, namespace };
}

export function rolesOf({ dev, staging, prod, fleet }: Cast): [Role, Role, Role] {
  return [
    { name: dev, labels: { env: 'dev', region: 'eu', fleet } },
    { name: staging, labels: { env: 'staging', region: 'eu', fleet } },
    { name: prod, labels: { env: 'prod', region: 'us', fleet } },
  ];
}

import { groupOf, type KubeObject, objectKey, textAt } from '@flotilla/kube';

/** Which objects an autoscaler scales, from every HorizontalPodAutoscaler of the cluster, whoever made it. */
export class AutoscaledTargets {
  readonly #targets = new Map<string, string>();
  #markReady: () => void = () => {};
  /** Resolves with the first complete list: before it nobody knows what is scaled. */
  readonly ready = new Promise<void>((resolve) => {
    this.#markReady = resolve;
  });

  has(key: string): boolean {
    return [...this.#targets.values()].includes(key);
  }

  /** Takes a complete list, of one namespace or of all. */
  replace(autoscalers: readonly KubeObject[], namespace?: string): void {
    for (const id of this.#targets.keys()) if (namespace === undefined || id.startsWith(`${namespace}/`)) this.#targets.delete(id);
    for (const autoscaler of autoscalers) this.set(autoscaler);
  }

  markReady(): void {
    this.#markReady();
  }

  set(autoscaler: KubeObject): void {
    const target = targetOf(autoscaler, autoscaler.metadata.namespace ?? '');
    if (target) this.#targets.set(idOf(autoscaler), target);
  }

  remove(autoscaler: KubeObject): void {
    this.#targets.delete(idOf(autoscaler));
  }
}

/** The key of what an autoscaler scales. */
export function targetOf(autoscaler: KubeObject, namespace: string): string | undefined {
  const kind = textAt(autoscaler, 'spec', 'scaleTargetRef', 'kind');
  const name = textAt(autoscaler, 'spec', 'scaleTargetRef', 'name');
  const group = groupOf(textAt(autoscaler, 'spec', 'scaleTargetRef', 'apiVersion') ?? '');
  return kind && name ? objectKey({ group, kind, namespace, name }) : undefined;
}

const idOf = (autoscaler: KubeObject): string => `${autoscaler.metadata.namespace ?? ''}/${autoscaler.metadata.name}`;

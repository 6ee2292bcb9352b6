import { isObject } from '@flotilla/kernel';

const LATEST = ':latest';
/** Where a pod's template is, from the object inwards: a Pod, a workload, a CronJob. */
const POD_SPECS = [['spec'], ['spec', 'template', 'spec'], ['spec', 'jobTemplate', 'spec', 'template', 'spec']] as const;

/**
 * Objects whose pods run an image tagged `latest`, as `Deployment/web (nginx:latest)`: what it stands for changes without a commit,
 * so no release pins it. An image without any tag is left alone: a chart's value or an image updater often sets it.
 */
export function findLatestTags(objects: readonly unknown[]): string[] {
  return objects.flatMap((object) => {
    if (!isObject(object)) return [];
    const images = new Set(POD_SPECS.flatMap((path) => imagesOf(read(object, path))).filter((image) => image.endsWith(LATEST)));
    const name = isObject(object.metadata) ? object.metadata.name : undefined;
    return images.size > 0 ? [`${object.kind}/${name} (${[...images].join(', ')})`] : [];
  });
}

function read(object: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), object);
}

function imagesOf(podSpec: unknown): string[] {
  if (!isObject(podSpec)) return [];
  const containers = [podSpec.initContainers, podSpec.containers].flatMap((list) => (Array.isArray(list) ? list : []));
  return containers.map((container) => (isObject(container) ? container.image : undefined)).filter((image) => typeof image === 'string');
}

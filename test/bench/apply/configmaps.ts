/** ConfigMaps of about 0.6 KB as JSON documents; `version` changes the content of every one. */
export function configMaps(count: number, version: string, namespace?: string): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `settings-${String(i).padStart(4, '0')}`, ...(namespace ? { namespace } : {}), labels: { app: 'bench' } },
    data: { version, text: `line of settings ${i}\n`.repeat(20) },
  }));
}

/** One file of JSON documents, as `kubectl apply -f` reads it. */
export function asFile(objects: readonly unknown[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n');
}

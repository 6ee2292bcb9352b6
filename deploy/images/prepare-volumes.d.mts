export declare function prepareVolumes(
  directory: string,
  hosts: readonly string[],
  ensureTls: (directory: string, hosts: readonly string[], now: number) => Promise<unknown>,
  now: number,
): Promise<void>;

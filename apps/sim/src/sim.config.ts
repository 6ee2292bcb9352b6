import { parseArgs } from 'node:util';
import { InvalidInputError } from '@flotilla/kernel';

export interface SimConfig {
  clusters: readonly string[];
  /** Where the kubeconfig of each cluster is written. */
  directory: string;
}

/** `--clusters a,b,c --directory DIR` */
export function readSimConfig(args: readonly string[]): SimConfig {
  const { values } = parseArgs({ args: [...args], options: { clusters: { type: 'string' }, directory: { type: 'string' } } });
  const clusters = (values.clusters ?? '').split(',').filter((name) => name !== '');
  if (clusters.length === 0 || !values.directory) throw new InvalidInputError('usage: sim --clusters NAME[,NAME...] --directory DIR');
  const bad = clusters.find((name) => !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name));
  if (bad !== undefined) throw new InvalidInputError(`cluster name ${JSON.stringify(bad)} is not a DNS label`);
  return { clusters, directory: values.directory };
}

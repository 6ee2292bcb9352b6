import { type ResourceDocument, SECRET_TYPE_LABEL } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import type { Findings, KindRule } from '../admission.js';

/** Credentials of an Argo cluster Secret are not kept: the hub never dials a cluster. Labels, name and server are. */
export const decodeSecret: KindRule = (document, findings) => {
  if (document.metadata?.labels?.[SECRET_TYPE_LABEL] !== 'cluster') return;
  const config = readEntry(document, 'config');
  if (config !== undefined) {
    const faults = configFaults(config);
    const why = faults.length > 0 ? ` (${faults.join('; ')})` : '';
    findings.warn(
      `config is dropped: the hub never dials a cluster, credentials are not used${why}; the cluster is Unknown until an agent is bound`,
    );
    drop(document, 'config');
  }
  if (!readEntry(document, 'server')) findings.error('stringData.server', 'is required in a cluster Secret');
  if (!readEntry(document, 'name')) warnOfName(document, findings);
};

function warnOfName(document: ResourceDocument, findings: Findings): void {
  findings.warn(`name is missing; the cluster is known as ${document.metadata.name}`);
}

function readEntry(document: ResourceDocument, key: string): string | undefined {
  const clear = isObject(document.stringData) ? document.stringData[key] : undefined;
  if (typeof clear === 'string') return clear;
  const encoded = isObject(document.data) ? document.data[key] : undefined;
  return typeof encoded === 'string' ? Buffer.from(encoded, 'base64').toString('utf8') : undefined;
}

function drop(document: ResourceDocument, key: string): void {
  for (const part of [document.stringData, document.data]) if (isObject(part)) delete part[key];
}

/** What is wrong with credentials nobody will use, in words that never hold them. */
function configFaults(text: string): string[] {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    return ['config is not JSON'];
  }
  const tls = isObject(config) && isObject(config.tlsClientConfig) ? config.tlsClientConfig : {};
  return ['caData', 'certData', 'keyData']
    .filter((key) => tls[key] !== undefined && !isBase64(tls[key]))
    .map((key) => `${key} is not valid base64`);
}

function isBase64(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
}

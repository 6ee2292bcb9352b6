import { existsSync, readFileSync } from 'node:fs';
import { NotFoundError } from '@flotilla/kernel';
import type { Recording } from './run-request-suite.js';

const FILE = 'recorded/kubernetes-1.36.json';

/** What a real kube-apiserver 1.36.3 without controllers answered to the suite in namespace `default`. */
export function recordedAnswers(): Recording {
  return JSON.parse(readFileSync(recordedFile(), 'utf8')) as Recording;
}

/** The package's folder is two levels up in the sources, three in the build. */
export function recordedFile(): URL {
  const found = ['../..', '../../..'].map((up) => new URL(`${up}/${FILE}`, import.meta.url)).find((url) => existsSync(url));
  if (!found) throw new NotFoundError(`the recorded answers (${FILE}) are missing from @flotilla/kubeapi`, { FILE });
  return found;
}

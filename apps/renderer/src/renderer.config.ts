import { existsSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, readConfig } from '@flotilla/config';
import { parseDuration } from '@flotilla/kernel';
import { z } from 'zod';
import type { GitScheme } from './git/repository-url.js';

const MIB = 1024 * 1024;
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);
const duration = (text: string) =>
  z
    .string()
    .default(text)
    .transform((value) => parseDuration(value));

/** The renderer's variables. */
export const rendererConfigSchema = z.object({
  rendererDir: z
    .string()
    .default(join(tmpdir(), 'flotilla-renderer'))
    .meta({ description: 'Directory of Git mirrors and render directories' }),
  gitAllowInsecure: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'Allow http and file repositories; for a demo or tests on one machine only' }),
  gitAllowAddresses: list
    .optional()
    .meta({ description: 'CIDR ranges Git may reach besides public and private ones, such as 127.0.0.1/32' }),
  gitPollInterval: duration('180s').meta({ description: 'How often each repository is asked for new commits, with jitter' }),
  gitFetchTimeout: duration('120s').meta({ description: 'Longest conversation with a Git server' }),
  gitMaxRepositoryMib: z.coerce.number().int().min(1).default(2048).meta({ description: 'Largest pack a Git server may send' }),
  renderConcurrency: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .meta({ description: 'Helm and Kustomize processes at once; default the number of cores' }),
  renderQueue: z.coerce.number().int().min(1).default(5000).meta({ description: 'Renders that may wait for a turn' }),
  renderTimeout: duration('60s').meta({ description: 'Longest run of Helm or Kustomize' }),
  helm: z.string().optional().meta({ description: 'Path of helm; default PATH, then the tool cache' }),
  kustomize: z.string().optional().meta({ description: 'Path of kustomize; default PATH, then the tool cache, then kubectl kustomize' }),
  toolCache: z
    .string()
    .default(join(homedir(), '.cache', 'flotilla', 'tools'))
    .meta({ description: 'Where installed tools lie, as <tool>-<version>/<tool>' }),
  probeHost: z.string().default('127.0.0.1').meta({ description: 'Address of /healthz, /readyz and /metrics' }),
  probePort: z.coerce.number().int().min(0).max(65_535).default(9090).meta({ description: 'Their port; 0 for any free one' }),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin').meta({ description: 'Where git, helm, kustomize and kubectl are looked for' }),
});

export interface RendererConfig {
  gitDir: string;
  workDir: string;
  /** Memory-backed where there is such a place: keys lie there while git runs. */
  secretsDir: string;
  schemes: readonly GitScheme[];
  allowAddresses: readonly string[];
  pollIntervalMs: number;
  fetchTimeoutMs: number;
  maxRepositoryBytes: number;
  renderConcurrency: number;
  renderQueue: number;
  renderTimeoutMs: number;
  helm?: string;
  kustomize?: string;
  toolCache: string;
  path: string;
  probeHost: string;
  probePort: number;
}

export function readRendererConfig(env: Environment): RendererConfig {
  const read = readConfig(rendererConfigSchema, env);
  const insecure = read.gitAllowInsecure === 'true';
  return Object.freeze({
    gitDir: join(read.rendererDir, 'git'),
    workDir: join(read.rendererDir, 'work'),
    secretsDir: existsSync('/dev/shm') ? '/dev/shm' : tmpdir(),
    schemes: insecure ? (['https', 'ssh', 'http', 'file'] as const) : (['https', 'ssh'] as const),
    allowAddresses: read.gitAllowAddresses ?? (insecure ? ['127.0.0.0/8', '::1/128'] : []),
    pollIntervalMs: read.gitPollInterval,
    fetchTimeoutMs: read.gitFetchTimeout,
    maxRepositoryBytes: read.gitMaxRepositoryMib * MIB,
    renderConcurrency: read.renderConcurrency ?? availableParallelism(),
    renderQueue: read.renderQueue,
    renderTimeoutMs: read.renderTimeout,
    helm: read.helm,
    kustomize: read.kustomize,
    toolCache: read.toolCache,
    path: read.PATH,
    probeHost: read.probeHost,
    probePort: read.probePort,
  });
}

import { readFileSync } from 'node:fs';
import { type Environment, readConfig } from '@flotilla/config';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

/** Variables of the gateway. */
export const gatewayConfigSchema = z.object({
  host: z.string().default('127.0.0.1').meta({ description: 'Address the HTTPS and gRPC listeners bind to' }),
  httpsPort: port.default(8443).meta({ description: 'Port for kubectl, REST, webhooks and agents that enrol' }),
  grpcPort: port.default(8444).meta({ description: 'Port of the gRPC API' }),
  probeHost: z.string().default('127.0.0.1').meta({ description: 'Address of /healthz, /readyz and /metrics without login' }),
  probePort: port.default(9090).meta({ description: 'Their port; 0 for any free one' }),
  tlsCertFile: z.string().meta({ description: 'PEM file of the certificate of the HTTPS and gRPC listeners' }),
  tlsKeyFile: z.string().meta({ description: 'PEM file of its private key' }),
  webhookGithubSecret: z
    .string()
    .optional()
    .meta({ description: 'Shared secret of GitHub webhooks; set, unsigned ones are refused', secret: true }),
  webhookGitlabSecret: z.string().optional().meta({ description: 'Token of GitLab webhooks', secret: true }),
  webhookGiteaSecret: z.string().optional().meta({ description: 'Shared secret of Gitea, Forgejo and Gogs webhooks', secret: true }),
  webhookBitbucketSecret: z.string().optional().meta({ description: 'Shared secret of Bitbucket webhooks', secret: true }),
});

export interface GatewayConfig {
  readonly host: string;
  readonly httpsPort: number;
  readonly grpcPort: number;
  readonly probeHost: string;
  readonly probePort: number;
  readonly tls: { readonly certificate: string; readonly key: string };
  readonly webhookSecrets: { readonly github?: string; readonly gitlab?: string; readonly gitea?: string; readonly bitbucket?: string };
}

export function readGatewayConfig(env: Environment): GatewayConfig {
  const { host, httpsPort, grpcPort, probeHost, probePort, tlsCertFile, tlsKeyFile, ...secrets } = readConfig(gatewayConfigSchema, env);
  return Object.freeze({
    host,
    httpsPort,
    grpcPort,
    probeHost,
    probePort,
    tls: { certificate: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') },
    webhookSecrets: {
      github: secrets.webhookGithubSecret,
      gitlab: secrets.webhookGitlabSecret,
      gitea: secrets.webhookGiteaSecret,
      bitbucket: secrets.webhookBitbucketSecret,
    },
  });
}

import { type Environment, readConfig } from '@flotilla/config';
import { z } from 'zod';

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

export const agentConfigSchema = z.object({
  agentDataDir: z
    .string()
    .default('/var/lib/flotilla-agent')
    .meta({ description: 'Directory of the agent: identity, document, blobs, inventory.' }),
  kubeconfig: z
    .string()
    .optional()
    .meta({ env: 'KUBECONFIG', description: 'Kubeconfig file of the cluster; without it the pod’s service account.' }),
  agentContext: z.string().optional().meta({ description: 'Context of the kubeconfig; default its current one.' }),
  joinToken: z.string().optional().meta({ secret: true, description: 'Join token of `flotilla cluster add`; used once.' }),
  agentNamespace: z.string().default('flotilla-agent').meta({ description: 'Namespace whose Secrets keep identity and state.' }),
  agentRelistMs: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(1_800_000)
    .meta({ description: 'Interval of the list that backs each watch, in ms; spread over 75-125 %.' }),
  agentConcurrency: z.coerce.number().int().min(1).max(64).default(32).meta({ description: 'Requests to the cluster under way at once.' }),
  agentAllowNamespaces: list.optional().meta({
    description:
      'Comma list: namespaces the hub may write to, and the only ones watched; default all. Cluster-scoped kinds are then refused unless their kind is listed.',
  }),
  agentAllowKinds: list.optional().meta({ description: 'Comma list of `group/Kind` the hub may write; default all.' }),
  agentListen: z.string().optional().meta({ description: '`host:port` of /healthz, /readyz and /metrics; default none.' }),
  otlpEndpoint: z
    .string()
    .optional()
    .meta({ env: 'OTEL_EXPORTER_OTLP_ENDPOINT', description: 'Base URL of an OTLP/HTTP collector for traces; unset, none are sent' }),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').meta({ description: 'Least level of log lines.' }),
  KUBERNETES_SERVICE_HOST: z.string().optional().meta({ description: 'Set by Kubernetes in pods.' }),
  KUBERNETES_SERVICE_PORT: z.string().optional().meta({ description: 'Set by Kubernetes in pods.' }),
});

export type AgentConfig = Readonly<z.output<typeof agentConfigSchema>>;

export function readAgentConfig(env: Environment = process.env): AgentConfig {
  return readConfig(agentConfigSchema, env);
}

/** A whole configuration from the few values a caller has: the CLI, the demo, tests. */
export function agentConfig(values: Partial<AgentConfig>): AgentConfig {
  return Object.freeze({ ...agentConfigSchema.parse({}), ...values });
}

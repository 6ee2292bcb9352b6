import { homedir, tmpdir } from 'node:os';
import { describeConfig } from '@flotilla/config';
import { z } from 'zod';
import { CONFIG_SCHEMAS, type ConfigSchemaName } from './config-schemas.js';
import { code, type Page, page, table } from './markdown.js';

const SECTIONS: readonly { name: ConfigSchemaName; title: string; text: string }[] = [
  {
    name: 'hub',
    title: 'Hub on one machine',
    text:
      'What `npm start` reads. The flags `--data`, `--host`, `--https-port`, `--grpc-port`, `--nats-port` and `--fleet` win over their variables. ' +
      'It fills in what the services need of each other; everything else below may be set besides.',
  },
  { name: 'platform', title: 'Every service', text: 'What each service reads besides its own variables.' },
  { name: 'gateway', title: 'Gateway', text: '' },
  { name: 'registry', title: 'Registry', text: 'Durations are Go text such as `90s` or `24h`.' },
  { name: 'expander', title: 'Expander', text: '' },
  { name: 'renderer', title: 'Renderer', text: 'Durations are Go text such as `90s` or `24h`.' },
  { name: 'orchestrator', title: 'Orchestrator', text: '' },
  { name: 'broker', title: 'Broker', text: '' },
  { name: 'notifier', title: 'Notifier', text: '' },
  { name: 'agent', title: 'Agent', text: 'What the program of the agent reads; `flotilla agent` sets the first four from its options.' },
];

/** Variables that no schema holds, because they are read before there is one, or by tools. */
const OTHERS = [
  ['FLOTILLA_POSTGRES_BIN', 'Hub on one machine', 'Directory of `initdb` and `postgres`; unset, they are looked for'],
  [
    'FLOTILLA_NATS_SERVER',
    'Hub on one machine, npm scripts',
    'Path of `nats-server`; unset, it is looked for on PATH and in the tool cache',
  ],
  ['XDG_CACHE_HOME', 'npm scripts', 'Where the tool cache `flotilla/` lies; default `~/.cache`'],
  ['KUBEBUILDER_ASSETS', 'Tests', 'Directory of etcd, kube-apiserver and kube-controller-manager for the Kubernetes tier'],
];

export function configurationPage(): Page {
  return page(
    'configuration.md',
    'Configuration',
    'Everything is read once, at start, from environment variables. A variable that is set to nothing counts as unset. A wrong one stops the start with a ' +
      'message that names every wrong variable and shows no value.',
    ...SECTIONS.flatMap(({ name, title, text }) => [`## ${title}`, text, schemaTable(name), `From \`${CONFIG_SCHEMAS[name].file}\`.`]),
    '## Besides',
    table(
      ['Variable', 'Read by', 'What it is'],
      OTHERS.map(([name = '', reader = '', text = '']) => [code(name), reader, text]),
    ),
  );
}

function schemaTable(name: ConfigSchemaName): string {
  const { schema } = CONFIG_SCHEMAS[name];
  const keys = Object.keys(schema.shape);
  const rows = describeConfig(schema).map(({ variable, description, required, default: fallback }, i) => [
    code(variable),
    description,
    required ? 'required' : code(fallback === '' ? '' : anyMachine(asWritten(schema, keys[i]!) ?? fallback)),
  ]);
  return table(['Variable', 'What it is', 'Default'], rows);
}

/** The default as one would set it: a duration as text, not as the milliseconds it is read into. */
function asWritten(schema: z.ZodObject, key: string): string | undefined {
  const { properties } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, { default?: unknown }>;
  };
  const value = properties?.[key]?.default;
  return value === undefined ? undefined : String(value);
}

/** Defaults below the home or temporary directory are the same text on every machine. */
function anyMachine(text: string): string {
  if (text.startsWith(tmpdir())) return text.replace(tmpdir(), '$TMPDIR');
  return text.startsWith(homedir()) ? text.replace(homedir(), '~') : text;
}

import { caProviderSchema } from '@flotilla/contracts';
import { isObject, parseDuration } from '@flotilla/kernel';
import { compileGoTemplate, type GoTemplate } from '@flotilla/templating';
import { z } from 'zod';
import { SecretFault } from '../secret-fault.errors.js';
import { askProvider } from './ask-provider.js';
import { valueAtPath } from './json-value.js';
import type { ProviderTools, RemoteKey, SecretDocument, SecretProvider } from './secret.provider.js';
import { trustedCa } from './trusted-ca.js';

/** As ESO's users write it (apis/externalsecrets/v1 WebhookProvider). */
const schema = z.object({
  url: z.string().max(2000),
  method: z.enum(['GET', 'POST', 'PUT']).default('GET'),
  headers: z.record(z.string(), z.string().max(10_000)).default({}),
  body: z.string().max(100_000).optional(),
  /** Go duration, at most 30 s. */
  timeout: z.string().optional(),
  result: z.object({ jsonPath: z.string().optional() }).optional(),
  secrets: z
    .array(
      z.object({
        name: z.string(),
        secretRef: z.object({ name: z.string(), key: z.string().optional(), namespace: z.string().optional() }),
      }),
    )
    .default([]),
  caBundle: z.string().optional(),
  caProvider: caProviderSchema.optional(),
});
type WebhookSpec = z.output<typeof schema>;

const FIELD = 'spec.provider.webhook';
const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_TIMEOUT_MS = 30_000;
/** Host and scheme stand in the store, not in what an ExternalSecret gives: credentials in headers go to no other. */
const FIXED_ORIGIN = /^https?:\/\/[^/{}?#]+([/?#]|$)/;

/** Any HTTP service that answers with a value: URL, headers and body are Go templates over `remoteRef` and the named Secrets. */
export const webhookProvider: SecretProvider<WebhookSpec> = {
  name: 'webhook',
  schema: schema as z.ZodType<WebhookSpec>,
  open: (spec, tools) => {
    if (!FIXED_ORIGIN.test(spec.url))
      throw new SecretFault(
        'StoreInvalid',
        `${tools.store}: spec.provider.webhook.url must begin with a scheme and a host without template tags`,
      );
    const templates = compileAll(spec, tools.store);
    return {
      asksForProperty: true,
      read: (key, signal) => ask(spec, templates, tools, key, signal),
      check: async () => {
        await secretsOf(spec, tools);
        await trustedCa(spec, FIELD, tools);
      },
    };
  },
};

interface Templates {
  url: GoTemplate;
  body: GoTemplate | undefined;
  headers: readonly (readonly [string, GoTemplate])[];
}

function compileAll({ url, body, headers }: WebhookSpec, store: string): Templates {
  const compile = (text: string, field: string): GoTemplate => {
    try {
      return compileGoTemplate(text, { name: field, options: ['missingkey=error'] });
    } catch {
      throw new SecretFault('StoreInvalid', `${store}: spec.provider.webhook.${field} is no Go template`);
    }
  };
  return {
    url: compile(url, 'url'),
    body: body === undefined ? undefined : compile(body, 'body'),
    headers: Object.entries(headers).map(([name, text]) => [name, compile(text, `headers.${name}`)] as const),
  };
}

async function ask(
  spec: WebhookSpec,
  templates: Templates,
  tools: ProviderTools,
  key: RemoteKey,
  signal: AbortSignal,
): Promise<SecretDocument> {
  const what = `${tools.store}, key ${key.key}`;
  const data = { ...(await secretsOf(spec, tools)), remoteRef: { key: key.key, version: key.version ?? '', property: key.property ?? '' } };
  const ca = await trustedCa(spec, FIELD, tools);
  const { status, body, json } = await askProvider(tools.http(ca), what, {
    url: fill(templates.url, escaped(data), what),
    method: spec.method,
    headers: Object.fromEntries(templates.headers.map(([name, template]) => [name, fill(template, data, what)])),
    ...(templates.body ? { body: fill(templates.body, data, what) } : {}),
    timeoutMs: timeoutOf(spec, tools.store),
    maxRedirects: templates.body ? 0 : 3,
    signal,
  });
  if (status === 404) throw new SecretFault('KeyNotFound', `${what}: the provider has no such key (404)`);
  if (status < 200 || status > 299) throw new SecretFault('ProviderRefused', `${what}: the provider does not take the request (${status})`);
  const path = spec.result?.jsonPath;
  if (!path) return { bytes: body };
  if (json === undefined) throw new SecretFault('ProviderAnswerInvalid', `${what}: the answer is no JSON within limits`);
  const value = valueAtPath(json, path.replace(/^\$\.?/, ''));
  if (value === undefined || value === null)
    throw new SecretFault('PropertyNotFound', `${what}: the answer has nothing at result.jsonPath ${path}`);
  return { bytes: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)) };
}

async function secretsOf({ secrets }: WebhookSpec, tools: ProviderTools): Promise<Record<string, Record<string, string>>> {
  const found: Record<string, Record<string, string>> = Object.create(null) as Record<string, Record<string, string>>;
  for (const [i, { name, secretRef }] of secrets.entries()) {
    const field = `spec.provider.webhook.secrets[${i}].secretRef`;
    found[name] = secretRef.key ? { [secretRef.key]: await tools.secret(secretRef, field) } : await tools.secrets(secretRef, field);
  }
  return found;
}

/** What stands in an address is one part of it, whatever it holds. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return encodeURIComponent(value);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escaped(inner)])) : value;
}

function fill(template: GoTemplate, data: unknown, what: string): string {
  try {
    return template.execute(data);
  } catch {
    // The template's own error may quote a value.
    throw new SecretFault('StoreInvalid', `${what}: spec.provider.webhook.${template.name} cannot be filled in`);
  }
}

function timeoutOf({ timeout }: WebhookSpec, store: string): number {
  try {
    return Math.min(timeout === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(timeout), MAX_TIMEOUT_MS);
  } catch {
    throw new SecretFault('StoreInvalid', `${store}: spec.provider.webhook.timeout is no duration`);
  }
}

import type { NotificationConfig, NotificationFinding, NotificationService } from '@flotilla/admission';
import { closestWord, InvalidInputError, isObject } from '@flotilla/kernel';
import { z } from 'zod';
import type { Channel } from '../channels/channel.js';
import { findChannel } from '../channels/registry.js';
import type { Settings } from './live-settings.js';

/** A service ready to send with. */
export interface ResolvedService {
  service: NotificationService;
  channel: Channel;
  settings: unknown;
}

/** Argo CD's references; a dot ends one. */
const REFERENCE = /\$([A-Za-z0-9_-]+)/g;

/**
 * The channel and settings of a service, references to the Secret replaced.
 * @throws InvalidInputError that names the key and the remedy and holds no value
 */
export function resolveService(name: string, { config, secrets }: Settings, channels: readonly Channel[]): ResolvedService {
  const service = config.services.get(name);
  if (!service) {
    const meant = closestWord(name, [...config.services.keys()]);
    const hint = meant ? `did you mean ${meant}` : `add service.${name} to ConfigMap argocd-notifications-cm`;
    throw new InvalidInputError(`service ${name} is not configured; ${hint}`, { service: name });
  }
  const channel = findChannel(service.type, channels);
  if (!channel) throw new InvalidInputError(`${service.key}: there is no channel for ${service.type}`, { service: name });
  const missing = new Set<string>();
  const filled = replaceReferences(service.settings, (key) => {
    if (!secrets.has(key)) missing.add(key);
    return secrets.get(key) ?? '';
  });
  if (missing.size > 0) {
    const keys = [...missing].map((key) => `$${key}`).join(', ');
    throw new InvalidInputError(`${service.key} refers to ${keys}, which Secret argocd-notifications-secret does not hold; add it there`, {
      service: name,
    });
  }
  const read = channel.schema.safeParse(filled);
  if (read.success) return { service, channel, settings: read.data };
  const said = read.error.issues.map(({ path, message }) => `${path.join('.') || 'the service'}: ${message}`).join('; ');
  throw new InvalidInputError(`${service.key} cannot be used: ${said}`, { service: name });
}

/** Every text of a service's YAML with its references replaced. */
export function replaceReferences(value: unknown, secretOf: (key: string) => string): unknown {
  if (typeof value === 'string') return value.replace(REFERENCE, (_, key: string) => secretOf(key));
  if (Array.isArray(value)) return value.map((item) => replaceReferences(item, secretOf));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replaceReferences(member, secretOf)]));
}

/** What is wrong with the services and with the channels' parts of templates, beyond what the ConfigMap alone shows. */
export function findServiceFaults(settings: Settings, channels: readonly Channel[]): NotificationFinding[] {
  const findings: NotificationFinding[] = [];
  for (const [name, { key, type, settings: written }] of settings.config.services) {
    try {
      resolveService(name, settings, channels);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      findings.push({ severity: 'error', key, message: error.message });
    }
    findings.push(...findUnknownSettings(key, written, findChannel(type, channels)));
  }
  return [...findings, ...findPartFaults(settings.config, channels)];
}

function findUnknownSettings(key: string, written: unknown, channel: Channel | undefined): NotificationFinding[] {
  if (!isObject(written) || !(channel?.schema instanceof z.ZodObject)) return [];
  const known = Object.keys(channel.schema.shape);
  return Object.keys(written)
    .filter((setting) => !known.includes(setting))
    .map((setting) => {
      const meant = closestWord(setting, known);
      return {
        severity: 'warning',
        key,
        message: `${setting} is left out: ${meant ? `did you mean ${meant}` : `known are ${known.join(', ')}`}`,
      };
    });
}

function findPartFaults({ templates, services }: NotificationConfig, channels: readonly Channel[]): NotificationFinding[] {
  const findings: NotificationFinding[] = [];
  for (const { name, sections } of templates.values()) {
    for (const service of services.values()) {
      try {
        findChannel(service.type, channels)?.readMessage(sections, service);
      } catch (error) {
        if (!(error instanceof z.ZodError)) throw error;
        const said = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
        findings.push({ severity: 'error', key: `template.${name}`, message: said });
      }
    }
  }
  return findings;
}

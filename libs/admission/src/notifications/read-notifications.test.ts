import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseYaml } from '@flotilla/yaml';
import { describe, expect, it } from 'vitest';
import { admit } from '../admit.js';
import { findDuplicates } from '../load-together.js';
import { readNotifications } from './read-notifications.js';
import { readRecipient } from './read-subscriptions.js';

const CORPUS = join(import.meta.dirname, '../../../../test/corpus/notifications');
const corpus = (file: string) =>
  parseYaml(readFileSync(join(CORPUS, file), 'utf8'))[0] as { metadata: Record<string, string>; data: Record<string, string> };
const said = (data: Record<string, string>) =>
  readNotifications(data).findings.map(({ key, line, message }) => `${key}:${line ?? ''} ${message}`);

describe('the notifications of the corpus', () => {
  it('are read as Argo CD reads them, without a finding', () => {
    const config = readNotifications(corpus('002-argocd-notifications-cm.yaml').data);
    expect(config.findings).toEqual([]);
    expect([...config.services].map(([name, { type }]) => `${name}:${type}`)).toEqual(['slack:slack', 'grafana:webhook', 'email:email']);
    expect(config.triggers.get('on-health-degraded')).toMatchObject({
      kind: 'Application',
      isBuiltIn: false,
      conditions: [{ send: ['app-health-degraded'] }],
    });
    expect(config.templates.get('app-sync-failed')?.isBuiltIn).toBe(false);
    expect(readNotifications(corpus('000-health-degraded-cm.yaml').data).findings).toEqual([]);
  });

  it('that are the same ConfigMap twice are said to be (N03)', () => {
    const documents = ['000-health-degraded-cm.yaml', '002-argocd-notifications-cm.yaml'].map((file) => admit(corpus(file)).document!);
    expect(findDuplicates(documents)).toEqual(['ConfigMap argocd/argocd-notifications-cm is defined 2 times; the last one wins']);
  });

  it('with a recipient for a trigger say where it belongs, and keep the rest (N01)', () => {
    const { data } = corpus('002-fragment-default-triggers.yaml');
    expect(said({ 'service.slack': 'token: x', ...data })).toEqual([
      'defaultTriggers.slack:1 must be a list of triggers (got alerts-channel); to set a default recipient use ' +
        'subscriptions: [{recipients: [slack:alerts-channel], triggers: [...]}]',
    ]);
    expect(readNotifications(data).defaultTriggers).toEqual(['on-sync-failed', 'on-health-degraded']);
    const document = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-notifications-cm', namespace: 'argocd' }, data };
    expect(admit(document).errors[0]).toMatchObject({ field: 'data.defaultTriggers.slack' });
  });
});

describe('a key that cannot be read', () => {
  it('is named with its line and remedy, and spoils no other', () => {
    const config = readNotifications({
      'trigger.bad': '- when: app.status ==\n  send: [app-created]',
      'trigger.half': "- when: 'true'\n  send: [app-created]\n- send: [x]",
      'trigger.good': '- when: true\n  sent: [app-created]\n  send: [app-created]',
      'template.bad': 'message: |\n  {{ .app.metadata.name | truncate 7 }}',
      'service.slak': 'token: x',
      'service.slack': 'token: $slack-token',
      'service.slack.slack': 'token: y',
      'service.email': ': [',
      'triger.on-x': '[]',
      subscriptions: '- recipients: [slak:x]\n  triggers: [on-sync-faild]\n- recipients: [slack:x]\n  triggers: [on]\n',
      context: 'argocdUrl: https://hub.example.com',
    });
    const text = config.findings.map(({ key, line, message }) => `${key}:${line ?? ''} ${message}`).join('\n');
    expect(text).toMatch(/trigger\.bad:1 the expression cannot be read: .*found the end/);
    expect(text).toMatch(/trigger\.half:3 a condition needs when/);
    expect(text).toContain('trigger.good:2 sent is left out: did you mean send');
    expect(text).toMatch(/template\.bad:1 message is no template: .*truncate/);
    expect(text).toContain('service.slak: slak is no type of service here; did you mean slack');
    expect(text).toContain('service.slack.slack:1 the name slack is also that of service.slack, which is used');
    expect(text).toMatch(/service\.email:1 is no YAML/);
    expect(text).toContain('triger.on-x: is not read; did you mean trigger.on-x');
    expect(text).toContain('subscriptions:4 triggers: YAML reads this name as true; write it in quotes');
    expect(text).toContain('subscriptions: service slak does not exist; did you mean slack');
    expect(text).toContain('subscriptions: trigger on-sync-faild does not exist; did you mean on-sync-failed');
    expect([...config.services.keys()]).toEqual(['slack']);
    expect(config.triggers.get('half')?.conditions).toHaveLength(1);
    expect(config.triggers.has('good')).toBe(true);
    expect(config.context).toEqual({ argocdUrl: 'https://hub.example.com' });
  });

  it('is a warning at admission, so that the ConfigMap is stored', () => {
    const data = { 'trigger.bad': '- when: 1 +\n  send: [nope]' };
    const { document, warnings } = admit({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-notifications-cm', namespace: 'argocd' },
      data,
    });
    expect(document?.data).toEqual(data);
    expect(warnings[0]).toMatch(/^data\.trigger\.bad, line 1: the expression cannot be read/);
  });

  it('of the catalog has no finding, and belongs to the kind its conditions read', () => {
    const { triggers, findings } = readNotifications({});
    expect(findings).toEqual([]);
    expect(triggers.get('on-created')?.kind).toBe('Application');
    expect(triggers.get('on-rollout-waiting-approval')?.kind).toBe('FleetRollout');
    expect(triggers.get('on-cluster-back')?.kind).toBe('Cluster');
    expect(triggers.size).toBe(15);
  });
});

describe('a recipient', () => {
  it('keeps its colons behind the first', () => {
    expect(readRecipient('webhook:https://x:8080')).toEqual({ service: 'webhook', recipient: 'https://x:8080' });
    expect(readRecipient('grafana')).toEqual({ service: 'grafana', recipient: '' });
  });
});

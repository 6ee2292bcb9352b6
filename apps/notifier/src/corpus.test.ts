import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceDocument } from '@flotilla/contracts';
import { parseYaml } from '@flotilla/yaml';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CHANNELS } from './channels/registry.js';
import { LiveSettings } from './settings/live-settings.js';
import { findServiceFaults, resolveService } from './settings/resolve-service.js';
import { readAnnotations } from './subscriptions/read-annotations.js';
import { degraded, NotifierUnderTest } from './testing/notifier-under-test.js';

const CORPUS = join(import.meta.dirname, '../../../test/corpus/notifications');
const corpus = (file: string) => parseYaml(readFileSync(join(CORPUS, file), 'utf8'))[0] as ResourceDocument;

let test: NotifierUnderTest;
beforeEach(async () => {
  test = await NotifierUnderTest.start();
});
afterEach(() => test.stop());

it('the ConfigMap and Secret of the corpus give three services that can be used, their references replaced', async () => {
  const secret = corpus('002-argocd-notifications-secret.yaml') as ResourceDocument & { stringData: Record<string, string> };
  await test.keep(secret.stringData);
  await test.put(corpus('002-argocd-notifications-cm.yaml'));
  const settings = await new LiveSettings({ store: test.store, keyring: test.keyring, types: CHANNELS.map(({ type }) => type) }).load();
  expect(settings.config.findings).toEqual([]);
  expect(findServiceFaults(settings, CHANNELS)).toEqual([]);
  expect(resolveService('slack', settings, CHANNELS).settings).toMatchObject({ token: 'xoxb-your-slack-bot-token' });
  expect(resolveService('grafana', settings, CHANNELS).settings).toMatchObject({
    url: 'https://grafana.example.com/api/annotations',
    headers: [{ name: 'Authorization', value: 'Bearer your-grafana-api-key' }],
  });
  expect(resolveService('email', settings, CHANNELS).settings).toMatchObject({
    host: 'smtp.example.com',
    port: 587,
    password: 'smtp-password',
  });
});

it('the subscriptions of the corpus application are read', () => {
  const { metadata } = corpus('002-application-subscriptions.yaml');
  expect(
    readAnnotations(metadata.annotations).map(({ trigger, destination }) => `${trigger} ${destination.service}:${destination.recipient}`),
  ).toEqual([
    'on-sync-succeeded slack:deployments-channel',
    'on-sync-failed slack:alerts-channel',
    'on-health-degraded slack:alerts-channel',
  ]);
});

it('what the corpus sends when an application degrades is rendered as its templates say', async () => {
  await test.keep({ 'slack-token': 'x' });
  const { data } = corpus('000-health-degraded-cm.yaml') as unknown as { data: Record<string, string> };
  await test.configure({ ...data, context: 'argocdUrl: https://hub.example.com' });
  const notifier = test.open();
  await notifier.idle();
  const { metadata } = corpus('002-application-subscriptions.yaml');
  await test.application('my-app-prod', metadata.annotations);
  await test.report('my-app-prod', { health: { ...degraded.health, message: 'no image' } });
  await notifier.idle();
  const [{ message }] = test.slack.sent as [(typeof test.slack.sent)[number]];
  expect(message.body).toBe(
    'Application my-app-prod is degraded.\nHealth status: Degraded\nMessage: no image\n\nView in ArgoCD: https://hub.example.com/applications/my-app-prod\n',
  );
  const [attachment] = JSON.parse((message.parts as { attachments: string }).attachments) as [{ title_link: string; fields: unknown[] }];
  expect(attachment.title_link).toBe('https://hub.example.com/applications/my-app-prod');
  expect(attachment.fields[1]).toEqual({ title: 'Health Status', value: 'Degraded', short: true });
  expect(message.links).toEqual([{ title: 'Open application', url: 'https://hub.example.com/applications/argocd/my-app-prod' }]);
});

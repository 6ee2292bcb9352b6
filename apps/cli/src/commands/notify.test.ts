import { expect, test } from 'vitest';
import { runCli } from '../testing.js';

const receipt = {
  id: 'c0ffee'.repeat(10),
  state: 'sent',
  type: 'message',
  trigger: 'on-sync-failed',
  template: 'app-sync-failed',
  service: 'slack',
  recipient: 'alerts',
  about: 'Application/argocd/shop',
  createdAt: '2026-01-01T00:05:00Z',
  endedAt: '2026-01-01T00:08:30Z',
  attempts: 2,
  mayBeDuplicate: true,
  providerId: 'C1:123.4',
  detail: 'posted to #alerts',
};

test('receipts say who was told when, by which attempt and under which id of the provider', async () => {
  const { out, calls } = await runCli(['notify', 'receipts', 'shop', '--state', 'sent'], { listNotifications: { items: [receipt] } });
  expect(calls).toMatchObject([{ id: 'listNotifications', options: { query: { name: 'shop', state: 'sent', limit: '50' } } }]);
  const [, row] = out.split('\n');
  expect(row).toMatch(
    /^c0ffeec0ffee +sent \(possible duplicate\) +on-sync-failed +Application\/argocd\/shop +slack +alerts +2 +90s +C1:123\.4 +posted/,
  );
});

test('a test that was not sent says why and fails', async () => {
  const dead = { ...receipt, state: 'dead', error: { code: 'slack-invalid-auth', message: 'slack: invalid_auth' } };
  const failed = await runCli(['notify', 'test', 'slack', 'alerts'], { testNotification: dead });
  expect(failed).toMatchObject({ exitCode: 1, error: 'not sent: slack: invalid_auth\n' });
  const sent = await runCli(['notify', 'test', 'slack'], { testNotification: receipt });
  expect(sent).toMatchObject({ exitCode: 0, out: 'sent: posted to #alerts, provider id C1:123.4\n' });
  expect(sent.calls).toMatchObject([{ options: { body: { service: 'slack', recipient: '' } } }]);
});

test('a preview shows conditions and rendered texts, and needs to know of what', async () => {
  const preview = {
    conditions: [{ trigger: 'on-x', when: "app.metadata.name == 'shop'", holds: true, oncePer: 'shop' }],
    messages: [
      { template: 'x', service: 'slack', title: 'shop failed', body: 'shop failed\nin prod\n', parts: { blocks: '[]' } },
      { template: 'x', service: 'email', title: '', body: '', error: 'template x: line 2' },
    ],
    destinations: [{ trigger: 'on-x', service: 'slack', recipient: 'alerts' }],
  };
  const { out, calls } = await runCli(['notify', 'preview', 'team/shop', '--trigger', 'on-x'], { previewNotification: preview });
  expect(calls).toMatchObject([{ options: { body: { kind: 'Application', namespace: 'team', name: 'shop', trigger: 'on-x' } } }]);
  expect(out).toContain("trigger on-x: holds, once per shop (app.metadata.name == 'shop')");
  expect(out).toContain('subscribed: on-x to slack alerts');
  expect(out).toContain('  shop failed\n  in prod\n  {');
  expect(out).toContain('cannot be rendered: template x: line 2');
  await expect(runCli(['notify', 'preview', 'shop'])).rejects.toThrow('--trigger');
});

test('a check with an error fails, one with nothing to say says so', async () => {
  const findings = [{ severity: 'error', key: 'service.slack', line: 2, message: 'no token' }];
  expect(await runCli(['notify', 'check'], { checkNotifications: { findings } })).toMatchObject({
    exitCode: 1,
    out: 'error: service.slack:2: no token\n',
  });
  expect(await runCli(['notify', 'check'], { checkNotifications: { findings: [] } })).toMatchObject({
    exitCode: 0,
    out: 'nothing to remark\n',
  });
});

test('a dead letter is replayed by a part of its id', async () => {
  const { out, calls } = await runCli(['notify', 'replay', 'c0ffee'], { replayNotification: { message: 'sent again' } });
  expect([out, calls]).toMatchObject(['sent again\n', [{ options: { parameters: { id: 'c0ffee' } } }]]);
});

import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { readPush } from './read-push.js';

const github = {
  ref: 'refs/heads/main',
  repository: { clone_url: 'https://git.example.com/team/app.git', ssh_url: 'git@git.example.com:team/app.git' },
};
const body = Buffer.from(JSON.stringify(github));

test('a GitHub push names the repository in every spelling', () => {
  expect(readPush({ 'x-github-event': 'push' }, body, {})).toEqual({
    repoURLs: ['https://git.example.com/team/app.git', 'git@git.example.com:team/app.git'],
  });
});

test('GitLab and Bitbucket pushes are read in their own shapes; other events are not pushes', () => {
  const gitlab = Buffer.from(JSON.stringify({ ref: 'refs/tags/v1', project: { git_http_url: 'https://gl/x.git' } }));
  expect(readPush({ 'x-gitlab-event': 'Tag Push Hook' }, gitlab, {})).toEqual({ repoURLs: ['https://gl/x.git'] });
  const bitbucket = Buffer.from(
    JSON.stringify({ push: { changes: [{ new: { name: 'dev' } }] }, repository: { links: { html: { href: 'https://bb/x' } } } }),
  );
  expect(readPush({ 'x-event-key': 'repo:push' }, bitbucket, {})).toEqual({ repoURLs: ['https://bb/x'] });
  expect(readPush({ 'x-github-event': 'issues' }, body, {})).toBeUndefined();
  expect(readPush({}, Buffer.from('{}'), {})).toBeUndefined();
});

test('with a secret only a body signed with it counts', () => {
  const secrets = { github: 's3cret' };
  const signature = `sha256=${createHmac('sha256', 's3cret').update(body).digest('hex')}`;
  expect(readPush({ 'x-github-event': 'push', 'x-hub-signature-256': signature }, body, secrets)).toEqual(readPush({}, body, {}));
  expect(() => readPush({ 'x-github-event': 'push', 'x-hub-signature-256': `${signature.slice(0, -1)}0` }, body, secrets)).toThrow(
    'GitHub webhook',
  );
  expect(() => readPush({ 'x-github-event': 'push' }, body, secrets)).toThrow('GitHub webhook');
  expect(() => readPush({}, body, secrets)).toThrow('GitHub webhook');
});

test('a malformed payload is refused and never more than a hint', () => {
  expect(() => readPush({}, Buffer.from('{'), {})).toThrow('not JSON');
  for (const payload of ['[]', 'null', '1']) expect(() => readPush({}, Buffer.from(payload), {})).toThrow('not a JSON object');
  for (const payload of ['{"repository":5}', '{"push":{"changes":[null]}}', '{"repository":{"links":{"html":null}}}'])
    expect(readPush({}, Buffer.from(payload), {})).toBeUndefined();
});

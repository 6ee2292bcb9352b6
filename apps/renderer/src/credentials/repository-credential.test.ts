import { expect, test } from 'vitest';
import { type CredentialEntry, pickCredential } from './repository-credential.js';

const creds = (url: string, password: string): CredentialEntry => ({ kind: 'repo-creds', url, username: 'u', password });

test('the longest prefix wins, and a prefix ends at a part of the address', () => {
  const entries = [creds('https://host', 'host'), creds('https://host/team', 'team'), creds('https://host/team/app', 'app')];
  const passwordFor = (url: string) => pickCredential(url, entries).password;
  expect([passwordFor('https://host/team/app.git'), passwordFor('https://host/team/x'), passwordFor('https://HOST/team-two/x')]).toEqual([
    'app',
    'team',
    'host',
  ]);
  expect(passwordFor('https://host.evil.example/team/app')).toBeUndefined();
  expect(passwordFor('http://host/team/app')).toBeUndefined();
});

test('a repository without a login of its own takes the prefix one, with its own authority', () => {
  const entries: CredentialEntry[] = [creds('https://host', 'shared'), { kind: 'repository', url: 'https://host/app.git', ca: 'pem' }];
  expect(pickCredential('https://host/app', entries)).toMatchObject({ password: 'shared', ca: 'pem' });
  const own: CredentialEntry = { kind: 'repository', url: 'https://host/app', username: 'me', password: 'own' };
  expect(pickCredential('https://host/app', [creds('https://host', 'shared'), own])).toMatchObject({ username: 'me', password: 'own' });
});

test('both spellings of an SSH address are one', () => {
  const entries: CredentialEntry[] = [{ kind: 'repo-creds', url: 'git@host:team', sshPrivateKey: 'key' }];
  expect(pickCredential('ssh://git@host/team/app.git', entries)).toMatchObject({ sshPrivateKey: 'key' });
  expect(pickCredential('git@host:team/app', entries)).toMatchObject({ sshPrivateKey: 'key' });
  expect(pickCredential('git@host:other/app', entries)).toEqual({});
});

test('a credential of projects opens the repository for them; one without a project goes first and opens it for all', () => {
  const of = (project: string | undefined, password: string): CredentialEntry => ({
    kind: 'repository',
    url: 'https://host/app',
    password,
    project,
  });
  expect(pickCredential('https://host/app', [of('b', '2'), of('a', '1')])).toMatchObject({ password: '2', projects: ['a', 'b'] });
  const shared = pickCredential('https://host/app', [of('b', '2'), of(undefined, '3')]);
  expect([shared.password, shared.projects]).toEqual(['3', undefined]);
  const template: CredentialEntry = { ...creds('https://host', 'team'), project: 'team' };
  expect(pickCredential('https://host/app', [template])).toMatchObject({ projects: ['team'] });
});

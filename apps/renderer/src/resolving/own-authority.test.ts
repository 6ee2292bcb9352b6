import { systemClock } from '@flotilla/kernel';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { expect, test } from 'vitest';
import { startRendererBench } from '../testing/renderer-bench.js';

test('a server of an own authority is trusted by the authority given for its host, with a token over HTTPS, and not before', async () => {
  const authority = await createAuthority('test authority', systemClock.now());
  const { certificate, key } = await issueServerCertificate(authority, ['127.0.0.1'], systemClock.now());
  const bench = await startRendererBench({ users: { bot: 'token-9' }, tls: { cert: certificate, key } });
  try {
    const repository = await bench.server.createRepo('app', { a: '1' });
    await bench.putSecret('app', 'repository', { url: repository.httpUrl, password: 'token-9', username: 'bot' });
    const request = { refs: [{ repoURL: repository.httpUrl, ref: 'main' }], fetch: true };
    const resolve = async () => (await bench.renderer.uses.resolve(request)).refs[0];
    expect(await resolve()).toMatchObject({
      error: { code: 'server-not-trusted', message: expect.stringContaining('argocd-tls-certs-cm') },
    });
    expect(bench.server.requests).toEqual([]);
    await bench.putConfigMap('argocd-tls-certs-cm', { '127.0.0.1': authority.certificate });
    expect(await resolve()).toEqual({
      repoURL: repository.httpUrl,
      ref: 'main',
      commit: await bench.server.repositories.resolve(repository, 'main'),
    });
  } finally {
    await bench.close();
  }
});

import { InvalidInputError, UnavailableError } from '@flotilla/kernel';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { beforeEach, expect, test } from 'vitest';
import { SealingService } from './sealing-service.js';

let bus: FakeMessageBus;
let service: SealingService;
beforeEach(() => {
  bus = new FakeMessageBus();
  service = new SealingService(bus);
});

const PROXY = '/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:http/proxy';
const ask = (method: string, path: string, body = '') => service.answer(method, path, async () => Buffer.from(body));

test('only the paths of that one Service are its own', () => {
  const own = [
    '/api/v1/namespaces/a/services/sealed-secrets-controller',
    `${PROXY}/v1/cert.pem`,
    PROXY.replace(':http/', ':/').concat('/v1/verify'),
  ];
  for (const path of own) expect(service.serves(path)).toBe(true);
  const others = [
    '/api/v1/namespaces/a/services/other',
    '/api/v1/namespaces/a/services/http:other:http/proxy/v1/cert.pem',
    `${PROXY}/../../v1/cert.pem`,
    `${PROXY}/metrics`,
    '/api/v1/namespaces/a/secrets/sealed-secrets-controller',
  ];
  for (const path of others) expect(service.serves(path)).toBe(false);
});

test('it shows its port, its certificate, and what the broker says of a SealedSecret', async () => {
  bus.serve('broker', 'sealing-cert', () => ({ certificate: 'PEM' }));
  bus.serve('broker', 'verify-sealed', (request) => ({
    valid: (request as { text: string }).text === 'good',
    message: 'no key could decrypt',
  }));
  bus.serve('broker', 'rotate-sealed', () => ({ text: '{"kind":"SealedSecret"}' }));
  const shown = await ask('GET', '/api/v1/namespaces/a/services/sealed-secrets-controller');
  expect(JSON.parse(shown.body!)).toMatchObject({ kind: 'Service', metadata: { namespace: 'a' }, spec: { ports: [{ name: 'http' }] } });
  expect(await ask('GET', `${PROXY}/v1/cert.pem`)).toMatchObject({ status: 200, body: 'PEM\n' });
  expect(await ask('POST', `${PROXY}/v1/verify`, 'good')).toMatchObject({ status: 200 });
  expect(await ask('POST', `${PROXY}/v1/verify`, 'bad')).toMatchObject({
    status: 409,
    body: expect.stringContaining('no key could decrypt'),
  });
  expect(await ask('POST', `${PROXY}/v1/rotate`, 'good')).toMatchObject({ status: 200, body: '{"kind":"SealedSecret"}' });
  expect(await ask('POST', `${PROXY}/v1/cert.pem`)).toMatchObject({ status: 405 });
});

test('a SealedSecret that does not open is a conflict; a broker that is away is not', async () => {
  bus.serve('broker', 'rotate-sealed', () => {
    throw new InvalidInputError('no key could decrypt encryptedData.a');
  });
  expect(await ask('POST', `${PROXY}/v1/rotate`)).toMatchObject({ status: 409 });
  await expect(ask('POST', `${PROXY}/v1/verify`)).rejects.toThrow(UnavailableError);
});

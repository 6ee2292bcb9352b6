import { fileURLToPath } from 'node:url';
import { credentials, type GrpcObject, loadPackageDefinition, Metadata, type ServiceClientConstructor, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from '../testing/gateway-under-test.js';

const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));
const REFLECTION = fileURLToPath(new URL('../../../../node_modules/@grpc/reflection/build/proto', import.meta.url));
const APPLICATION = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'web', namespace: 'argocd' },
  spec: { project: 'default', source: { repoURL: 'https://g.example.com/r', path: 'a' }, destination: { name: 'dev', namespace: 'n' } },
};

interface Call {
  on(event: 'data', listener: (message: never) => void): void;
  on(event: 'error', listener: (error: { code: number }) => void): void;
  write(message: unknown): void;
  end(): void;
  cancel(): void;
}

let gateway: GatewayUnderTest;
let closers: (() => void)[];
beforeAll(async () => {
  closers = [];
  gateway = await startGateway();
});
afterAll(async () => {
  for (const close of closers) close();
  await gateway?.stop();
});

function client(service: string, proto: string, includeDir = PROTO) {
  const root = loadPackageDefinition(
    loadSync(proto, { includeDirs: [includeDir], keepCase: true, enums: String, defaults: true, oneofs: true }),
  );
  const Client = service.split('.').reduce<unknown>((at, part) => (at as GrpcObject)[part], root) as ServiceClientConstructor;
  const made = new Client(gateway.grpcAddress, credentials.createSsl(Buffer.from(gateway.ca)));
  closers.push(() => made.close());
  return made;
}

const signed = (): Metadata => {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${gateway.token}`);
  return metadata;
};

function unary(name: string, request: object, metadata = signed()): Promise<Record<string, unknown>> {
  const fleet = client('flotilla.v1.Fleet', 'flotilla/v1/fleet.proto');
  return new Promise((resolve, reject) => {
    fleet[name]!(request, metadata, (error: unknown, reply: Record<string, unknown>) => (error ? reject(error) : resolve(reply)));
  });
}

test('reflection names the services and health answers without a token', async () => {
  const reflection = client('grpc.reflection.v1.ServerReflection', 'grpc/reflection/v1/reflection.proto', REFLECTION);
  const ask = (request: object) =>
    new Promise<Record<string, never>>((resolve, reject) => {
      const call = reflection.ServerReflectionInfo!() as unknown as Call;
      call.on('error', reject);
      call.on('data', (reply: never) => {
        resolve(reply);
        call.end();
      });
      call.write(request);
    });
  const { service } = (await ask({ list_services: '' })).list_services_response as unknown as { service: { name: string }[] };
  const listed = service.map(({ name }) => name);
  expect(listed).toEqual(expect.arrayContaining(['flotilla.v1.Fleet', 'flotilla.v1.ApplicationSets', 'grpc.health.v1.Health']));
  const described = await ask({ file_containing_symbol: 'flotilla.v1.ApplicationSets' });
  const files = (described.file_descriptor_response as unknown as { file_descriptor_proto: Buffer[] }).file_descriptor_proto;
  const text = files.map((file) => file.toString('latin1')).join();
  for (const name of ['ApplicationSets', 'PlannedApplication', 'ParameterSource', 'Struct']) expect(text).toContain(name);
  const health = client('grpc.health.v1.Health', 'grpc/health/v1/health.proto');
  const answer = await new Promise((resolve, reject) => {
    health.Check!({}, new Metadata(), (error: unknown, reply: unknown) => (error ? reject(error) : resolve(reply)));
  });
  expect(answer).toMatchObject({ status: 'SERVING' });
});

test('nothing else answers without a token', async () => {
  await expect(unary('ListApplications', {}, new Metadata())).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  const fleet = client('flotilla.v1.Fleet', 'flotilla/v1/fleet.proto');
  const call = fleet.WatchClusters!({}, new Metadata()) as unknown as Call;
  const { code } = await new Promise<{ code: number }>((resolve) => call.on('error', resolve));
  expect(code).toBe(status.UNAUTHENTICATED);
  const sets = client('flotilla.v1.ApplicationSets', 'flotilla/v1/application_sets.proto');
  const plan = sets.Plan!({ stored: { name: 'web' } }, new Metadata()) as unknown as Call;
  const refused = await new Promise<{ code: number }>((resolve) => plan.on('error', resolve));
  expect(refused.code).toBe(status.UNAUTHENTICATED);
});

test('applications are listed, and watched from what is there to what changes', async () => {
  const { store } = gateway.platform;
  const made = await store.transaction({ actor: 'test' }, (tx) => tx.create(APPLICATION));
  const { items } = await unary('ListApplications', { namespace: 'argocd' });
  expect(items).toMatchObject([{ name: 'web', cluster: 'dev', sync: 'Unknown' }]);
  await expect(unary('ListApplications', { limit: 5_000 })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  await expect(unary('ListApplications', { selector: 'a b' })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });

  const events: string[] = [];
  const call = client('flotilla.v1.Fleet', 'flotilla/v1/fleet.proto').WatchApplications!({}, signed()) as unknown as Call;
  call.on('error', () => undefined);
  call.on('data', ({ type, item }: never) => events.push(`${type} ${(item as { name: string }).name}`));
  await expect.poll(() => events).toHaveLength(1);
  await store.transaction({ actor: 'test' }, (tx) => tx.update({ ...made, metadata: { ...made.metadata, labels: { a: 'b' } } }));
  await store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Application', namespace: 'argocd', name: 'web' }));
  await expect.poll(() => events).toHaveLength(3);
  call.cancel();
  expect(events).toEqual(['EVENT_TYPE_ADDED web', 'EVENT_TYPE_MODIFIED web', 'EVENT_TYPE_DELETED web']);
});

test('acts map the errors of who decides: nobody there is unavailable', async () => {
  const asked = ['SyncApplication', 'ApproveRollout'].map((name) => unary(name, { namespace: 'argocd', name: 'web' }));
  for (const answer of await Promise.allSettled(asked)) expect(answer).toMatchObject({ reason: { code: status.UNAVAILABLE } });
});

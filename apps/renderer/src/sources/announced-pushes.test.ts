import type { GitSource, ResourceDocument } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/telemetry';
import { expect, test } from 'vitest';
import { AnnouncedPushes } from './announced-pushes.js';
import { FakeAnnouncementStore } from './announcement.store.fake.js';

const REPOSITORY = 'https://git.example.com/app';
const source = { spec: { repoURL: REPOSITORY } } as GitSource & ResourceDocument;

test('a fetch that takes longer than the next try is not started twice; one that failed is', async () => {
  let now = 1_800_000_000_000;
  const fetches: ((isAnswered: boolean) => void)[] = [];
  const refresh = {
    following: async () => [source],
    pushed: () => new Promise<boolean>((resolve) => fetches.push(resolve)),
  };
  const pushes = new AnnouncedPushes(new FakeAnnouncementStore(), refresh, silentLogger, () => now);
  await pushes.take({ repoURLs: [REPOSITORY] });
  now += 11_000;
  await pushes.recover();
  expect(fetches).toHaveLength(1);
  fetches[0]?.(false);
  await pushes.settle();
  now += 11_000;
  await pushes.recover();
  expect(fetches).toHaveLength(2);
  fetches[1]?.(true);
  await pushes.settle();
  now += 11_000;
  await pushes.recover();
  expect(fetches).toHaveLength(2);
});

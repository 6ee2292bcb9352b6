import { describe } from 'vitest';
import { describeRenderCacheStore } from './render-cache.store.contract.js';
import { FakeRenderCacheStore } from './render-cache.store.fake.js';

describe('in memory', () => describeRenderCacheStore(async () => new FakeRenderCacheStore()));

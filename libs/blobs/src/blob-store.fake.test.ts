import { describeBlobStore } from './blob-store.contract.js';
import { FakeBlobStore } from './blob-store.fake.js';

describeBlobStore(async () => new FakeBlobStore());

export { FakeBlobStore } from './blob-store.fake.js';

export { type Blob, BlobStore } from './blob-store.js';

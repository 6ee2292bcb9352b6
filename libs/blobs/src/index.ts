export { type Blob, BlobStore } from './blob-store.js';
export { PgBlobStore } from './blob-store.pg.js';
export { blobsMigrations } from './blobs-migrations.js';
export { MAX_BLOB_BYTES } from './check-blob.js';

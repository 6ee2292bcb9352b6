export { Database, type DatabaseError, type Row, type SchemaMigrations, type SqlRunner } from './database.js';

export { connect } from '@nats-io/transport-node';
export { Pool } from 'pg';

export { freePort } from './free-port.js';
export { findNatsServer, type LocalNats, startLocalNats } from './local-nats.js';
export { type LocalPostgres, startLocalPostgres } from './local-postgres.js';
export { type OwnProcess, readPidFile, removePidFile, startTimeOf, writePidFile } from './pid-file.js';
export { type Account, findPostgres, reachableBinaries, serverAccount } from './postgres-binaries.js';
export { type ProcessOptions, SupervisedProcess, stopLeftover } from './supervised-process.js';

/** Whoever claims reads open messages oldest first, and stops at the first that are due: without this, a backlog is read whole for each. */
export const orderOpenMessages = {
  name: '1763710000001-order-open-messages',
  sql: `CREATE INDEX intents_open ON notifier.intents (seq) WHERE state IN ('waiting', 'sending')`,
};

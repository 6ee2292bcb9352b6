/** Open messages are read in their order; nothing reads them by when they are due, and each claim and receipt had to write this index. */
export const dropDueIndex = {
  name: '1763710000002-drop-due-index',
  sql: 'DROP INDEX notifier.intents_due',
};

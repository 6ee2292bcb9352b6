/** What was said already, what is to be said, and what became of it. */
export const createNotifier = {
  name: '1763710000000-create-notifier',
  sql: `
CREATE TABLE notifier.states (
  uid text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text NOT NULL DEFAULT '',
  at timestamptz NOT NULL,
  PRIMARY KEY (uid, key)
) WITH (fillfactor = 70);

CREATE TABLE notifier.deferred (
  uid text COLLATE "C" PRIMARY KEY,
  kind text NOT NULL,
  namespace text NOT NULL,
  name text NOT NULL,
  due_at timestamptz NOT NULL
);

CREATE TABLE notifier.events (
  id text COLLATE "C" PRIMARY KEY,
  kind text NOT NULL,
  namespace text NOT NULL,
  name text NOT NULL,
  variables jsonb NOT NULL,
  at timestamptz NOT NULL
);

CREATE TABLE notifier.intents (
  seq bigint GENERATED ALWAYS AS IDENTITY,
  id text COLLATE "C" PRIMARY KEY,
  type text NOT NULL,
  event text COLLATE "C",
  trigger text NOT NULL,
  template text NOT NULL,
  service text COLLATE "C" NOT NULL,
  recipient text COLLATE "C" NOT NULL,
  rule text COLLATE "C" NOT NULL,
  order_key text COLLATE "C" NOT NULL,
  group_key text COLLATE "C",
  update_key text COLLATE "C",
  state text NOT NULL,
  due_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  ended_at timestamptz,
  attempts int NOT NULL DEFAULT 0,
  failures int NOT NULL DEFAULT 0,
  claim text,
  claimed_until timestamptz,
  may_be_duplicate boolean NOT NULL DEFAULT false,
  provider_id text,
  thread_id text,
  detail text,
  error_code text,
  error text
) WITH (fillfactor = 70);
CREATE INDEX intents_due ON notifier.intents (due_at, seq) WHERE state IN ('waiting', 'sending');
CREATE INDEX intents_order ON notifier.intents (order_key, seq) WHERE state IN ('waiting', 'sending');
CREATE INDEX intents_service ON notifier.intents (service) WHERE state IN ('waiting', 'sending');
CREATE INDEX intents_seq ON notifier.intents (seq);
CREATE INDEX intents_group ON notifier.intents (service, recipient, group_key, seq) WHERE group_key IS NOT NULL AND state = 'sent';
CREATE INDEX intents_update ON notifier.intents (service, recipient, update_key, seq) WHERE update_key IS NOT NULL AND state = 'sent';
CREATE INDEX intents_ended ON notifier.intents (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX intents_event ON notifier.intents (event);

CREATE TABLE notifier.attempts (
  intent text COLLATE "C" NOT NULL REFERENCES notifier.intents (id) ON DELETE CASCADE,
  attempt int NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  outcome text,
  error_code text,
  PRIMARY KEY (intent, attempt)
);

CREATE TABLE notifier.storms (
  rule text COLLATE "C" NOT NULL,
  window_start timestamptz NOT NULL,
  sent int NOT NULL,
  collapsed int NOT NULL,
  names text[] NOT NULL,
  PRIMARY KEY (rule, window_start)
);

CREATE TABLE notifier.breakers (
  service text COLLATE "C" PRIMARY KEY,
  failures int NOT NULL,
  open_until timestamptz NOT NULL
);
`,
};

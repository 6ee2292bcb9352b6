export const createLoginFailures1760000000000 = {
  name: '1760000000000-create-login-failures',
  sql: `
    CREATE TABLE gateway.login_failures (key text NOT NULL, at timestamptz NOT NULL);
    CREATE INDEX login_failures_key_at ON gateway.login_failures (key, at);
  `,
};

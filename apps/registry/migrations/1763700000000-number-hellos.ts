export const numberHellos = {
  name: '1763700000000-number-hellos',
  sql: `
-- Which hello of its instance began the present session; null where the agent does not number them.
ALTER TABLE registry.spokes ADD COLUMN hello_attempt bigint;
`,
};

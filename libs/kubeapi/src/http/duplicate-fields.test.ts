import { expect, test } from 'vitest';
import { findDuplicateFields } from './duplicate-fields.js';

test.each([
  ['{"a":1,"b":{"a":1}}', []],
  ['{"a":1,"a":2,"a":3}', ['a']],
  ['{"data":{"a":"1","a":"2"}}', ['data.a']],
  ['{"l":[{"x":1},{"x":1,"x":2}]}', ['l[1].x']],
  ['{"a":"a\\"a","b":"{\\"a\\":1,\\"a\\":2}"}', []],
  ['{"a":[],"\\u0061":1}', ['a']],
  ['{"a":["a","a"],"b":["b"]}', []],
])('%s has the duplicates %j', (json, expected) => {
  expect(findDuplicateFields(json)).toEqual(expected);
});

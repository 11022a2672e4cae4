import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hideValues } from '../../engine/hide-values.ts';

test("an API's words lose the values of sensitive fields, in whatever case, and keep the rest", () => {
  const fields = { email: 'ada+x@example.test', phone: 4155551234, city: 'NY' };
  const text = 'Email ADA+X@example.test (tel 4155551234) is invalid in NY';
  assert.equal(hideValues(text, fields, ['email', 'phone', 'city', 'absent']), 'Email ••• (tel •••) is invalid in NY');
  assert.equal(hideValues(text, fields, []), text);
});

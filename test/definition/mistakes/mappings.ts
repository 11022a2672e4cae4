import { SYNC, suite } from './mistake-suite.ts';

export function mappings(): void {
  suite('the mapping and its lookups', [
    [
      'a lookup that is not there',
      SYNC,
      'lookup: owner',
      'lookup: ownr',
      `${SYNC}:4:3 lookups.owner: nobody uses this lookup: map a field with "lookup: owner", or take it out`,
      `${SYNC}:10:20 mapping.owner.lookup: unknown lookup "ownr", did you mean "owner"?`,
    ],
    [
      'a country that is none: each number without a prefix would be refused',
      SYNC,
      'name: first_name',
      'name: { from: first_name, type: phone, country: UK, onInvalid: omit }',
      `${SYNC}:9:51 mapping.name.country: "UK" is no country of ISO 3166 with phone numbers, such as US or GB`,
    ],
    [
      'a value that changes from run to run, and every record with it',
      SYNC,
      'name: first_name',
      'name: { expression: "first_name & $now()" }',
      `${SYNC}:9:23 warning: mapping.name.expression: depends on the time of the run: wherever its value has changed, a record is written again, though its source has not changed`,
    ],
    [
      'a source field that is not there',
      SYNC,
      'name: first_name',
      'name: firstname',
      `${SYNC}:9:9 mapping.name: unknown field "firstname", did you mean "first_name"?`,
    ],
    [
      'a source field in an expression',
      SYNC,
      'name: first_name',
      `name: { expression: "first_name & ' ' & lastt_name" }`,
      `${SYNC}:9:23 mapping.name.expression: unknown field "lastt_name"`,
    ],
    [
      'a field of the looked-up object',
      SYNC,
      'email: owner_email',
      'emial: owner_email',
      `${SYNC}:6:14 lookups.owner.where.emial: unknown field "emial", did you mean "email"?`,
    ],
    [
      'a field that a lookup compares with',
      SYNC,
      'email: owner_email',
      'email: ownr_email',
      `${SYNC}:6:21 lookups.owner.where.email: unknown field "ownr_email", did you mean "owner_email"?`,
    ],
    [
      'what a lookup returns',
      SYNC,
      '    where:',
      '    return: nmae\n    where:',
      `${SYNC}:6:13 lookups.owner.return: unknown field "nmae", did you mean "name"?`,
    ],
    [
      'settings without effect',
      SYNC,
      'name: first_name',
      'name: { from: first_name, country: US, onInvalid: omit }',
      `${SYNC}:9:29 warning: mapping.name.country: has no effect without "type: phone"`,
      `${SYNC}:9:42 warning: mapping.name.onInvalid: has no effect without a type`,
    ],
    [
      'values that the options refuse',
      SYNC,
      'name: first_name',
      'name: { from: first_name, type: enum, options: [customer, lead], values: { won: custmer } }',
      `${SYNC}:9:83 mapping.name.values.won: "custmer" is not one of the options: customer, lead, did you mean "customer"?`,
    ],
  ]);
}

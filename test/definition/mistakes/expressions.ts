import { API, CRM, SYNC, suite } from './mistake-suite.ts';

export function expressions(): void {
  suite('expressions and templates', [
    [
      'bad syntax in plain text stands at its character',
      SYNC,
      'name: first_name',
      'name: first_name &',
      `${SYNC}:9:21 mapping.name: Unexpected end of expression`,
    ],
    [
      'bad syntax in quotes too',
      SYNC,
      'name: first_name',
      "name: { expression: 'first_name & ) ' }",
      `${SYNC}:9:37 mapping.name.expression: The symbol ")" cannot be used as a unary operator`,
    ],
    [
      'in a text over several lines it stands at its beginning',
      SYNC,
      'name: first_name',
      'name:\n    expression: |\n      first_name &',
      `${SYNC}:10:17 mapping.name.expression: Unexpected end of expression`,
    ],
    [
      'functions that differ each time',
      SYNC,
      'name: first_name',
      'name: { expression: $random() }',
      `${SYNC}:9:23 mapping.name.expression: $random is not available here: it gives another value each time, so no record would ever be unchanged`,
    ],
    ['a filter', SYNC, 'object: contacts }', 'object: contacts, filter: "email_address =" }', `${SYNC}:1:70 source.filter: Unexpected end of expression`],
    [
      'an open brace',
      CRM,
      '"{window.from}"',
      '"{window.from"',
      `${CRM}:11:41 objects.contacts.list.query.updated_after.value: a { without its }; write {{ for a brace that is meant as text`,
    ],
    [
      'a bad expression inside a template',
      CRM,
      'get: /contacts',
      'get: "/contacts/{window.[}"',
      `${CRM}:10:32 objects.contacts.list.get: Expected "]" before end of expression`,
    ],
    [
      'a name that is not there',
      CRM,
      '{window.from}',
      '{windw.from}',
      `${CRM}:11:40 objects.contacts.list.query.updated_after.value: there is no "windw" here, did you mean "window"?`,
    ],
    [
      'a part that is not there',
      CRM,
      '{window.from}',
      '{window.since}',
      `${CRM}:11:40 objects.contacts.list.query.updated_after.value: there is no "window.since" here, only window.from, window.to`,
    ],
    [
      'deep in a body',
      API,
      'put: "/people/{match}"',
      'put: "/people/{match}", body: { a: [{ b: "{field}" }] }',
      `${API}:5:56 objects.people.upsert.body.a.0.b: there is no "field" here, did you mean "fields"?`,
    ],
    ['where records are', CRM, 'records: data', 'records: data[', `${CRM}:12:21 objects.contacts.list.records: Expected "]" before end of expression`],
    [
      'an error rule of a connector',
      API,
      'objects:',
      'errors: [{ when: "staus = 400", outcome: retry }]\nobjects:',
      `${API}:2:18 errors.0.when: there is no "staus" here, did you mean "status"?`,
    ],
    [
      'pages that go on after a key which records may share',
      CRM,
      '{ type: cursor, cursor: meta.next, param: cursor }',
      '{ type: keyset, key: updated_at, param: after }',
      `${CRM}:13:34 warning: objects.contacts.list.page.key: pages go on after the last "updated_at": of records that share one some may be left out where they fill a page; better the primary key "id"`,
    ],
    ['a hint', API, 'objects:', 'hints: [{ match: "(", hint: x }]\nobjects:', `${API}:2:18 hints.0.match: is no regular expression`],
    [
      'a batch of which nobody could tell what became',
      API,
      'put: "/people/{match}"',
      'post: /people, max: 10',
      `${API}:5:35 objects.people.upsert.max: a batch needs \`results\`: without it nobody could tell which records were written`,
      `${API}:5:35 objects.people.upsert.max: a batch of 10 needs {records} in its body: only the first record would be sent`,
    ],
  ]);
}

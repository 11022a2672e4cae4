/** What a person can do about a rejection. `match` is a regular expression over its reason, API code and message, whatever the case. */
export interface Hint {
  readonly match: string;
  readonly hint: string;
}

/** Hints that hold for most APIs, the more special first. Connectors have their own beside these. */
export const HINT_CATALOGUE: readonly Hint[] = [
  { match: '\\binvalid-email\\b', hint: 'Correct the e-mail address in the source, or set `onInvalid: omit` on the field to send the record without it.' },
  { match: '\\binvalid-phone\\b', hint: 'Give the field a `country` for numbers without a prefix, or set `onInvalid: omit`.' },
  { match: '\\binvalid-enum\\b', hint: 'Translate the source value with `values`, add it to `options`, or give the field a `default`.' },
  {
    match: '\\binvalid-(?:date|datetime)\\b',
    hint: 'Turn the value into ISO 8601 with an expression, for example $fromMillis($toMillis(field, "[D01].[M01].[Y]")).',
  },
  {
    match: '\\binvalid-(?:integer|number)\\b',
    hint: 'Remove units and thousands separators with an expression or `transform: [digits-only]`, or map the field as a string.',
  },
  { match: '\\binvalid-boolean\\b', hint: 'Translate the source value with `values`, for example { active: true, closed: false }.' },
  { match: '\\binvalid-url\\b', hint: 'Web addresses need http:// or https://; put it in front with an expression, or set `onInvalid: omit`.' },
  {
    match: '\\binvalid-(?:string|json)\\b',
    hint: 'The source holds a list or an object here; choose one value with a path such as `tags[0]`, or join them with $join(tags, ";").',
  },
  { match: '\\brequired-missing\\b', hint: 'Fill the field in the source, give the field a `default`, or take `required` away.' },
  {
    match: '\\bunreadable\\b',
    hint: 'Correct the line in the file, or how the object describes it (`delimiter`, `quote`, `columns`, `key`); it is tried again when the file is another.',
  },
  {
    match: '\\bsource-refuses\\b',
    hint: 'The source does not show this record: look for it there, or at the `get` of the connector, and run `syncline retry SYNC`.',
  },
  { match: '\\bmatch-missing\\b', hint: 'The record has no value in the field of `matchOn`; fill it in the source, or leave such records out with `filter`.' },
  { match: '\\blookup-missing\\b', hint: 'Add the missing entry in the system that is looked up, or choose `onMissing: omit` or `{ use: … }` for the lookup.' },
  { match: '\\blookup-ambiguous\\b', hint: 'Several entries have the same value; merge them in the system that is looked up, or set `onAmbiguous: omit`.' },
  { match: '\\bexpression-failed\\b', hint: 'The expression does not fit this record; guard it, for example field ? $number(field) : null.' },
  {
    match: '^conflict $',
    hint: 'It waits for you: say whose values stand (`syncline conflicts list SYNC`), or where the target has the record twice, merge them there and run `syncline retry SYNC`.',
  },
  { match: '\\btarget-refuses-kind\\b', hint: 'Give the target object a `create`, `update` or `upsert` endpoint in its connector.' },
  {
    match: '\\btarget-fails\\b',
    hint: "The target fails on this record alone (its own error, not a refusal); the others go on. It is tried again by itself; report it to the target's support, or leave out the field that upsets it.",
  },
  { match: 'duplicate[\\s_-]?match|same match', hint: 'Two source records have the same match value; merge them in the source, or choose another `matchOn`.' },
  {
    match: 'too[\\s_-]?large|payload.{0,20}(?:size|large)|request entity',
    hint: 'The record is larger than the API takes; leave long fields out, or cut them with $substring(field, 0, 65000).',
  },
  {
    match: 'rate.?limit|too many requests|throttl|TEN_SECONDLY|SECONDLY',
    hint: 'The API was asked too fast; set `limits` of the connection to what your plan allows. The record is tried again by itself.',
  },
  {
    match: 'quota|daily.?limit|DAILY|usage limit|limit exceeded',
    hint: "The account's quota is spent; it is tried again when the quota renews. Ask for a larger plan if this is regular.",
  },
  {
    match: 'scope|permission|forbidden|not authori[sz]ed|access denied|insufficient.{0,10}(?:rights|access|privilege)',
    hint: 'The credentials may not do this; grant the missing permission or scope, then run `syncline retry SYNC`.',
  },
  {
    match: 'invalid.{0,10}token|token.{0,20}(?:expired|invalid|revoked)|unauthenticated|authentication',
    hint: 'The API does not accept the credentials any more; renew the secret, then run `syncline retry SYNC`.',
  },
  {
    match: 'read.?only|calculated|not (?:be )?(?:set|updat|writ|edit)able|cannot (?:set|update|write|edit)',
    hint: 'The field cannot be written in the target; remove it from the mapping.',
  },
  {
    match: '(?:propert|field|attribute|column|parameter|argument)\\S*\\b.{0,60}(?:not exist|unknown|not found|unrecogni[sz]ed|not recogni[sz]ed|no such)',
    hint: 'The target has no such field; create it there, or correct the name in the mapping.',
  },
  {
    match:
      '(?:unknown|unrecogni[sz]ed|no such|unexpected|additional|nonexistent).{0,20}(?:propert|field|attribute|column|parameter|argument)|PROPERTY_DOESNT_EXIST|INVALID_FIELD\\b',
    hint: 'The target has no such field; create it there, or correct the name in the mapping.',
  },
  {
    match: 'allowed (?:options|values)|not one of|INVALID_OPTION|enum|picklist|not a valid (?:option|choice|value)|is not included in the list',
    hint: 'The target knows a fixed list of values here; translate the source value with `values`, or add the option in the target.',
  },
  {
    match: 'e-?mail.{0,40}(?:invalid|not valid|malformed|format|is not)|(?:invalid|malformed|not a valid).{0,20}e-?mail|INVALID_EMAIL',
    hint: 'Correct the e-mail address in the source, or give the field `type: email` and `onInvalid: omit`.',
  },
  {
    match: 'phone.{0,40}(?:invalid|not valid|format)|(?:invalid|not a valid).{0,20}phone',
    hint: 'Give the field `type: phone` and a `country`, so that numbers are sent in one form.',
  },
  {
    match: 'time.?zone|(?:date|time|timestamp).{0,40}(?:invalid|not valid|format|parse|midnight)|(?:invalid|not a valid|parse).{0,20}(?:date|time)',
    hint: 'Give the field `type: date` or `type: datetime`: times are then sent as ISO 8601 in UTC.',
  },
  {
    match: 'max(?:imum)?.?length|too long|at most \\d+ char|character limit|exceed\\w*.{0,20}(?:length|characters|maximum)|STRING_TOO_LONG',
    hint: 'The value is longer than the target allows; cut it with an expression such as $substring(field, 0, 255).',
  },
  {
    match: 'too short|min(?:imum)?.?length|at least \\d+ char',
    hint: 'The value is shorter than the target asks for; correct it in the source, or give the field `onInvalid: omit`.',
  },
  {
    match: 'owner.{0,40}(?:not exist|invalid|not found|inactive|deactivated)|(?:invalid|unknown|no such|inactive).{0,20}owner|INVALID_OWNER',
    hint: 'The owner does not exist in the target or is deactivated; use a lookup by e-mail with `onMissing: { use: … }`.',
  },
  {
    match: 'required|must not be (?:null|blank|empty)|(?:can.?t|cannot|may not) be (?:blank|null|empty)|missing.{0,20}(?:field|value|propert)|REQUIRED_FIELD',
    hint: 'The target needs a value here; map the field, or give it a `default`.',
  },
  {
    match: 'duplicate|already (?:exists|in use|taken)|must be unique|has already been taken|unique constraint|conflicting value|CONTACT_EXISTS|DUPLICATE',
    hint: 'Another record of the target has this value; merge the two there, or choose another `matchOn`.',
  },
  {
    match: 'merged|archived|deleted|has been removed|ENTITY_IS_DELETED',
    hint: 'The record was merged, archived or deleted in the target; restore it there, or leave it out with `filter`.',
  },
  {
    match: 'conflict|locked|lock wait|concurren|etag|precondition|modified by another|UNABLE_TO_LOCK_ROW',
    hint: 'Somebody else was writing the same record; it is tried again by itself.',
  },
  {
    match: 'not a (?:valid )?(?:number|integer)|must be (?:a |an )?(?:number|integer|numeric)|invalid.{0,10}(?:number|integer)|NUMBER_INVALID',
    hint: 'Give the field `type: number` or `type: integer`, so that text is turned into a number or reported before it is sent.',
  },
  { match: 'must be (?:a )?bool|not a (?:valid )?bool|invalid bool', hint: 'Give the field `type: boolean`.' },
  {
    match: '(?:url|uri|domain|website).{0,40}(?:invalid|not valid|malformed)|(?:invalid|malformed|not a valid).{0,20}(?:url|uri|domain)',
    hint: 'Give the field `type: url`, and put https:// in front with an expression if the source leaves it out.',
  },
  {
    match: 'must be (?:a |an )?(?:string|array|object|list)|expected (?:a |an )?(?:string|array|object|list)|wrong type|type mismatch|cannot deserialize',
    hint: 'The target expects another type; set `type` on the field, or build the value with an expression.',
  },
  {
    match: 'out of range|greater than|less than|must be (?:positive|between)|too (?:big|high|low|small)',
    hint: 'The number is outside of what the target allows; check its unit (cents or euros, percent or fraction).',
  },
  {
    match: 'invalid.{0,10}(?:json|character|encoding|utf)|malformed',
    hint: 'The target could not read the value; look for control characters in the source, and clean them with `transform`.',
  },
  {
    match: '(?:associat|reference|foreign key|parent|related).{0,60}(?:not exist|not found|invalid|missing|fail|violat)',
    hint: 'The record refers to another one that the target does not have yet; run the sync of that object first.',
  },
  {
    match: 'not.?found|does not exist|no longer exists|404',
    hint: 'The record is not in the target any more; restore it there, or take it out of the source.',
  },
  {
    match: 'unsubscrib|opted.?out|suppress|consent|blocked contact',
    hint: 'The target does not take this person for legal or marketing reasons; leave such records out with `filter`.',
  },
  {
    match: 'internal|unexpected error|try again|temporar|unavailable|timeout|timed out',
    hint: 'The API had a fault of its own; the record is tried again by itself. Ask its support if this goes on.',
  },
];

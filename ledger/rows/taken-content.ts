/** Stand for the content of what is taken from the target: no record's own hash is one of them. */
export const DELETED = 'deleted';
export const ARCHIVED = 'archived';

/** In `changes.hold_reason`, of a record that has gone and is in the target still, as another one of the source. */
export const PASSED_ON = 'passed-on';

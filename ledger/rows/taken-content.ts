/** Stand for the content of what is taken from the target: no record's own hash is one of them. */
export const DELETED = 'deleted';
export const ARCHIVED = 'archived';

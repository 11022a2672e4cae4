/** SQL for what tells a target record from others: its id, or its match value where the target tells no ids. @param record alias of a row of `records` */
export const targetRefOf = (record: string): string => `CASE WHEN ${record}.target_id IS NULL THEN '=' || ${record}.match ELSE '#' || ${record}.target_id END`;

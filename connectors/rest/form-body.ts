import { isJsonObject, type Json } from '../../engine/json.ts';

/**
 * A value as fields of a form: what is nested gets brackets, `address[city]`, `tags[0]`, as most form APIs read it. A null and an empty list are sent as an
 * empty text, which is how a form says that a field is cleared; leaving them out would not be the same.
 */
export function formFields(value: Json): Readonly<Record<string, string>> {
  const fields: [string, string][] = [];
  const add = (name: string, field: Json): void => {
    if (Array.isArray(field) && field.length === 0) fields.push([name, '']);
    else if (Array.isArray(field)) for (const [index, item] of field.entries()) add(`${name}[${index}]`, item);
    else if (isJsonObject(field)) for (const [key, item] of Object.entries(field)) add(`${name}[${key}]`, item);
    else fields.push([name, field === null ? '' : String(field)]);
  };
  if (isJsonObject(value)) for (const [name, field] of Object.entries(value)) add(name, field);
  return Object.fromEntries(fields);
}

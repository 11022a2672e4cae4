import { z } from 'zod';
import { FIELD_TYPES } from '../../engine/field-facts.ts';
import { expressionSchema, querySchema, templateSchema } from './primitives.ts';

/** Where an API tells which fields an object has: what `discover`, `automap` and `check --live` ask. */
export const fieldsEndpointSchema = z.strictObject({
  get: templateSchema.meta({ description: 'GET this path; {object} is the name of the object', examples: ['/metadata/contacts'] }),
  query: querySchema.optional(),
  records: expressionSchema.meta({ description: 'Where the answer keeps the list of fields' }),
  name: expressionSchema.meta({ description: 'In a field: its name' }),
  label: expressionSchema.optional().meta({ description: 'In a field: what people call it' }),
  type: expressionSchema.optional().meta({ description: 'In a field: its type, in whatever words of the API' }),
  types: z
    .record(z.string(), z.enum(FIELD_TYPES))
    .optional()
    .meta({ description: "The API's words for types that do not speak for themselves", examples: [{ bool: 'boolean', enumeration: 'enum' }] }),
  required: expressionSchema.optional().meta({ description: 'In a field: whether a record needs it' }),
  readOnly: expressionSchema.optional().meta({ description: 'In a field: whether it cannot be written', examples: ['modificationMetadata.readOnlyValue'] }),
  values: expressionSchema.optional().meta({ description: 'In a field: the list of values that it may have', examples: ['options.value'] }),
  examples: expressionSchema.optional().meta({ description: 'In a field: values that it has, for example' }),
});

/** Where an API tells the names of its objects. */
export const objectNamesSchema = z.strictObject({
  get: templateSchema.meta({ description: 'GET this path' }),
  query: querySchema.optional(),
  records: expressionSchema.meta({ description: 'Where the answer keeps the list of objects' }),
  name: expressionSchema.meta({ description: 'In an object: its name' }),
});

export const openapiSchema = z
  .string()
  .min(1)
  .meta({
    description: 'An OpenAPI (3.x) or Swagger (2.0) document, YAML or JSON, from the project folder: tells the fields of objects that have no `fields`',
    examples: ['openapi/acme.yaml'],
  });

export type FieldsEndpoint = z.output<typeof fieldsEndpointSchema>;

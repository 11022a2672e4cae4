import { z } from 'zod';
import { requestShape as addressedShape, hasOneMethod, ONE_METHOD } from './endpoint-shape.ts';
import { fileFormat, jobFileSchema } from './job-file.ts';
import { bodyTemplateSchema, durationSchema, expressionSchema } from './primitives.ts';

const states = (what: string) =>
  z
    .array(z.string())
    .min(1)
    .meta({ description: `States in which ${what}` });

/** Where a request may go by a link of an answer. */
export const hostsShape = {
  hosts: z
    .array(z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'a host by its name, files.acme.com, or *.acme.com for each below it'))
    .min(1)
    .optional()
    .meta({
      description:
        'The path is a link that an answer gave, one {expression}, and may lead to these hosts: it is sent there encrypted, without credentials, headers or certificate of the account, and along no redirect',
      examples: [['storage.googleapis.com'], ['*.amazonaws.com']],
    }),
};
export const isOneLink = (request: { readonly hosts?: readonly string[] | undefined; readonly [method: string]: unknown }) =>
  request.hosts === undefined || ['get', 'post', 'put'].some((method) => /^\{[\s\S]*\}$/.test(String(request[method] ?? '')));
export const ONE_LINK = 'with `hosts` the path is the link itself: "{poll.url}"';

const told = {
  error: expressionSchema
    .optional()
    .meta({ description: "In the answer: the API's words, where it refused with a status that says otherwise (GraphQL's userErrors)" }),
  busy: expressionSchema
    .optional()
    .meta({ description: 'Over the answer: true where the API works on as many jobs as it takes; it is asked again as often as `poll`' }),
};
const created = { ...addressedShape, ...told, id: expressionSchema.default('id').meta({ description: 'In the answer: the id of the job' }) };

export const createSchema = z
  .strictObject(created)
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'job-create', description: 'Makes the job. What follows inserts its id as {job}' });

export const makeSchema = z
  .strictObject({ ...created, file: jobFileSchema.optional() })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'job-make', description: 'Makes the job. What follows inserts its id as {job}' });

export const jobRequestSchema = z
  .strictObject(addressedShape)
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'job-request', description: 'A request about a job. Templates may use job and matchOn' });

export const uploadSchema = z
  .strictObject({
    ...addressedShape,
    ...hostsShape,
    as: fileFormat.default('csv').meta({ description: 'How the records are written; of a `file`, that says it' }),
    file: jobFileSchema.optional(),
    body: bodyTemplateSchema.optional().meta({ description: 'The other parts, where the records go as a `file` of a form' }),
  })
  .omit({ format: true, graphql: true, variables: true })
  .refine(hasOneMethod, ONE_METHOD)
  .refine(isOneLink, ONE_LINK)
  .refine((upload) => upload.body === undefined || upload.file !== undefined, 'the body of an upload is the records: other parts stand beside a `file`')
  .meta({
    id: 'job-upload',
    description: 'Uploads the records; absent: `create` has them and begins the job. Templates may use job, matchOn and created, the answer of `create`',
  });

export const closeSchema = z
  .strictObject({
    ...addressedShape,
    ...told,
    id: expressionSchema.optional().meta({
      description:
        'In the answer: the id that the job has from now on. An answer that is lost is asked for once more, which begins the job twice: for writes that may be repeated',
    }),
  })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'job-close', description: 'Begins the job once all is uploaded: before it, nothing of the job is applied' });

export const pollSchema = z
  .strictObject({
    ...addressedShape,
    state: expressionSchema.default('state').meta({ description: 'In the answer: the state of the job' }),
    open: states('the job was not begun').default(['Open']),
    done: states('the job has ended and its results are there'),
    failed: states('the job was given up').default(['Failed', 'Aborted']),
    error: expressionSchema.optional().meta({ description: 'In the answer: why the job was given up' }),
    every: durationSchema.default('5s').meta({ description: 'How long to wait between two looks; no worker waits with it' }),
  })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'job-poll', description: 'Asks how far the job is; any other state is that it goes on' });

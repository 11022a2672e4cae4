import { z } from 'zod';

/** What code can offer of an object. */
const MODULE_OFFERS = ['list', 'get', 'search', 'create', 'update', 'upsert', 'delete'] as const;

/** `objects.NAME.module`: an object that no manifest can describe. */
export const moduleSchema = z
  .strictObject({
    from: z.string().meta({
      description:
        'A file of the project (`./connectors/acme.ts`: JavaScript, or TypeScript without what must be compiled), or a package that the project has installed',
      examples: ['./connectors/acme.ts', 'syncline-connector-acme'],
    }),
    offers: z
      .array(z.enum(MODULE_OFFERS))
      .min(1)
      .meta({ description: 'What it can do, so that `check` knows without running it', examples: [['list', 'get']] }),
    windows: z.boolean().default(false).meta({ description: 'Its list looks at window.from and window.to' }),
  })
  .meta({
    id: 'module',
    description: 'Reads and writes the object by code: docs/modules.md. The account stays that of the connection: its address, sign-in, limits and error rules',
  });

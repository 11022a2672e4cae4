import { z } from 'zod';

const pem = (description: string, example: string) =>
  z.string().meta({ description: `${description}: PEM, a reference to it, or the path of its file (from the project's folder)`, examples: [example] });

/** How connections to an account are secured, where the system's authorities are not enough. */
export const tlsSchema = z
  .strictObject({
    certificate: pem('The certificate that this side shows, with those between it and its authority', 'certificates/client.pem').optional(),
    key: z
      .string()
      .optional()
      .meta({ description: 'Its private key: a reference to the PEM, or the path of its file', examples: ['${secret:NAME}'] }),
    passphrase: z
      .string()
      .optional()
      .meta({ description: 'What the key is locked with: a reference', examples: ['${secret:NAME}'] }),
    authority: pem("An authority that is trusted beside the system's", 'certificates/authority.pem').optional(),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), 'a certificate needs its key, and a key its certificate')
  .meta({ id: 'tls', description: 'Mutual TLS, with any kind of auth, and authorities of your own' });

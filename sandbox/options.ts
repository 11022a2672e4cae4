import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Faults, NO_FAULTS } from './faults.ts';

const number = z.coerce.number().min(0);
const count = number.int();
const port = count.max(65_535);
const percent = number.max(100);

const flagsSchema = z.strictObject({
  'crm-port': port.default(4100),
  'hubspot-port': port.default(4010),
  'crm-token': z.string().min(1).default('crm-dev-token'),
  'hubspot-token': z.string().min(1).default('hubspot-dev-token'),
  contacts: count.default(5000),
  owners: count.min(1).default(50),
  'bad-percent': percent.default(1),
  /** Of HubSpot, requests a second. */
  rate: number.positive().default(50),
  /** Of the CRM; default: that of HubSpot, but at least 50. */
  'crm-rate': number.positive().optional(),
  'error-percent': percent.default(0),
  'error-after-percent': percent.default(0),
  'drop-percent': percent.default(0),
  'latency-ms': number.default(20),
  'indexing-delay-ms': number.default(0),
  seed: count.default(1),
  'exit-with-parent': z.boolean().default(false),
});

export interface SandboxOptions {
  readonly crm: { readonly port: number; readonly token: string; readonly faults: Faults };
  readonly hubspot: { readonly port: number; readonly token: string; readonly faults: Faults };
  readonly contacts: { readonly count: number; readonly owners: number; readonly badPercent: number; readonly seed: number };
  readonly exitsWithParent: boolean;
}

/** @throws Error with a sentence about the flag that is wrong */
export function readOptions(args: readonly string[]): SandboxOptions {
  const names = Object.keys(flagsSchema.shape);
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(names.map((name) => [name, { type: name === 'exit-with-parent' ? 'boolean' : 'string' } as const])),
  });
  const parsed = flagsSchema.safeParse(values);
  if (!parsed.success) throw new Error(parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`).join('; '));
  const flags = parsed.data;
  const faults: Faults = {
    ...NO_FAULTS,
    latencyMs: flags['latency-ms'],
    rate: flags.rate,
    errorPercent: flags['error-percent'],
    errorAfterPercent: flags['error-after-percent'],
    dropPercent: flags['drop-percent'],
    indexingDelayMs: flags['indexing-delay-ms'],
  };
  return {
    crm: { port: flags['crm-port'], token: flags['crm-token'], faults: { ...faults, rate: flags['crm-rate'] ?? Math.max(50, flags.rate) } },
    hubspot: { port: flags['hubspot-port'], token: flags['hubspot-token'], faults },
    contacts: { count: flags.contacts, owners: flags.owners, badPercent: flags['bad-percent'], seed: flags.seed },
    exitsWithParent: flags['exit-with-parent'],
  };
}

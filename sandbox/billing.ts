import { parseArgs } from 'node:util';
import { NO_FAULTS } from './faults.ts';
import { whenParentEnds } from './parent.ts';
import { seededRandom } from './random.ts';
import { startService } from './service.ts';
import { createStripe, type StripeCustomer, type StripeInvoice } from './stripe.ts';
import { createZendesk } from './zendesk.ts';

/** `node sandbox/billing.ts`: look-alikes of Stripe and Zendesk on loopback, for examples/billing-to-support. One JSON line on stdout when both answer. Ends on SIGTERM and SIGINT. */
const { values } = parseArgs({
  options: {
    'stripe-port': { type: 'string', default: '4110' },
    'zendesk-port': { type: 'string', default: '4120' },
    customers: { type: 'string', default: '300' },
    rate: { type: 'string', default: '50' },
    'drop-percent': { type: 'string', default: '0' },
    'exit-with-parent': { type: 'boolean', default: false },
  },
});
const FIRST_CREATED = 1_767_225_600;
const EACH_SECONDS = 3_600;

const customers = Array.from({ length: Number(values.customers) }, (_, index) => customerAt(index + 1));
const invoices = customers.flatMap(({ id, created }, index) => (index % 3 === 0 ? [invoiceAt(index + 1, id, created)] : []));
const faults = { ...NO_FAULTS, rate: Number(values.rate), latencyMs: 2 };
const stripe = await startService(createStripe({ customers, invoices }, 'stripe-dev-key'), {
  port: Number(values['stripe-port']),
  faults,
  random: seededRandom(1),
});
const zendesk = await startService(createZendesk('zendesk-dev-token'), {
  port: Number(values['zendesk-port']),
  faults: { ...faults, dropPercent: Number(values['drop-percent']) },
  random: seededRandom(2),
});
const stop = () => void Promise.all([stripe.stop(), zendesk.stop()]).then(() => process.exit(0));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, stop);
whenParentEnds(values['exit-with-parent'], stop);
process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, stripe: stripe.url, zendesk: zendesk.url })}\n`);

/** One in fifty has neither a name nor an address: nobody could be made of it. */
function customerAt(n: number): StripeCustomer {
  const isNobody = n % 50 === 0;
  return {
    id: `cus_${String(n).padStart(6, '0')}`,
    object: 'customer',
    created: FIRST_CREATED + n * EACH_SECONDS,
    email: isNobody ? null : `Customer${n}@Example.com`,
    name: isNobody || n % 7 === 0 ? null : `Customer ${n}`,
    phone: n % 5 === 0 ? '+39 011 5550100' : null,
    delinquent: n % 6 === 1,
  };
}

/** Every other one could not be collected. */
function invoiceAt(n: number, customer: string, created: number): StripeInvoice {
  const isOpen = n % 2 === 1;
  return {
    id: `in_${String(n).padStart(6, '0')}`,
    object: 'invoice',
    created: created + 60,
    number: `SYN-${String(n).padStart(4, '0')}`,
    customer,
    status: isOpen ? 'open' : 'paid',
    attempt_count: isOpen ? 1 + (n % 4) : 1,
    amount_remaining: isOpen ? 1_990 : 0,
    currency: 'eur',
  };
}

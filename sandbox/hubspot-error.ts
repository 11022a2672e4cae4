import { randomUUID } from 'node:crypto';

/** The shape of HubSpot's errors. */
export function hubspotError(category: string, message: string): Record<string, unknown> {
  return { status: 'error', message, category, correlationId: randomUUID() };
}

import { randomUUID } from 'node:crypto';
import type { Answer } from './http-server.ts';

/** Why one property cannot be written, in HubSpot's words and codes. */
export interface InvalidProperty {
  readonly name: string;
  readonly error: 'PROPERTY_DOESNT_EXIST' | 'READ_ONLY_VALUE' | 'INVALID_EMAIL' | 'INVALID_OPTION' | 'INVALID_OWNER_ID';
  readonly message: string;
}

/** Why a record was refused. */
export interface Refusal {
  readonly status: 400 | 404 | 409;
  readonly category: 'VALIDATION_ERROR' | 'CONFLICT' | 'OBJECT_NOT_FOUND';
  readonly message: string;
  readonly errors?: readonly unknown[];
  readonly context?: Readonly<Record<string, readonly string[]>>;
}

/** The shape of HubSpot's errors ("Error handling"). */
export function hubspotError(category: string, message: string): Record<string, unknown> {
  return { status: 'error', message, correlationId: randomUUID(), category };
}

/** A whole request refused. */
export function refused({ status, category, message, errors, context }: Refusal): Answer {
  return { status, body: { ...hubspotError(category, message), ...(errors === undefined ? {} : { errors }), ...(context === undefined ? {} : { context }) } };
}

export function invalidRequest(message: string, context?: Refusal['context']): Answer {
  return refused({ status: 400, category: 'VALIDATION_ERROR', message, ...(context === undefined ? {} : { context }) });
}

/** "Property values were not valid", with the list of them inside the message, as HubSpot does. */
export function invalidProperties(invalid: readonly InvalidProperty[]): Refusal {
  const list = invalid.map(({ name, error, message }) => ({ isValid: false, message, error, name, localizedErrorMessage: message }));
  return {
    status: 400,
    category: 'VALIDATION_ERROR',
    message: `Property values were not valid: ${JSON.stringify(list)}`,
    errors: invalid.map(({ name, error, message }) => ({ message, code: error, context: { propertyName: [name] } })),
  };
}

import { SyncError } from '../../engine/errors.ts';
import { messageOf } from '../../http/classify.ts';
import type { Classification, HttpAnswer } from '../../http/http-client.ts';

/** An API that understood a read and refused it. @param where names the endpoint: `acme.contacts.list` */
export function refused(connection: string, where: string, answer: HttpAnswer, classification: Classification): SyncError {
  const told = 'message' in classification ? classification.message : messageOf(answer.body);
  const words = told !== undefined && told !== `status ${answer.status}` ? `: ${told}` : '';
  return new SyncError({
    code: 'REQUEST_REJECTED',
    retry: 'never',
    message: `${connection} refused ${where} (${answer.status})${words}. Check the endpoint in the connector.`,
    details: { status: answer.status },
  });
}

import { SyncError } from '../engine/errors.ts';
import type { RequestObserver } from './ports.ts';

interface Told {
  readonly connection: string;
  readonly objectName: string;
}

/** Does one statement, and tells those who count. */
export async function timed<Result>(
  { connection, objectName, observer }: Told & { readonly observer: RequestObserver | undefined },
  method: string,
  work: () => Promise<Result>,
  also?: RequestObserver,
): Promise<Result> {
  const sentAt = Date.now();
  const tell = (failure?: string) => {
    const request = {
      connection,
      method,
      path: objectName,
      durationMs: Date.now() - sentAt,
      isRetry: false,
      sentAt,
      ...(failure === undefined ? { status: 200 } : { failure }),
    };
    observer?.onRequest?.(request);
    also?.onRequest?.(request);
  };
  try {
    const result = await work();
    tell();
    return result;
  } catch (error) {
    tell(error instanceof SyncError ? error.code : 'failed');
    throw error;
  }
}

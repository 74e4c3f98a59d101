import { StageError } from '../../../domain/errors.ts';
import { textsOf } from './xml.ts';

const MEANING: Record<number, string> = {
  301: 'the bucket is of another region (S3_REGION) or endpoint (S3_ENDPOINT)',
  400: 'the request is refused',
  401: 'the key is refused: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  403: 'the key is wrong, or may not do this: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  404: 'there is no such thing',
};
/** Answers that the same request may get no more a moment later. */
const PASSING_STATUS = new Set([408, 425, 429]);
/** S3 says so when the body came too slowly. */
const PASSING_CODE = new Set(['RequestTimeout', 'SlowDown', 'InternalError', 'OperationAborted']);

/** The bucket did not do what it was asked. */
export class BucketError extends StageError {
  override name = 'BucketError';
  /** Status of the answer; 0 when none came. */
  readonly status: number;
  /** S3's own name of the failure, such as NoSuchBucket. */
  readonly code: string;
  /** True when the same call may succeed a moment later. */
  readonly passing: boolean;

  constructor(message: string, answer: { status: number; code: string; passing: boolean; cause?: unknown }) {
    super('infrastructure', message, answer.cause === undefined ? {} : { cause: answer.cause });
    this.status = answer.status;
    this.code = answer.code;
    this.passing = answer.passing;
  }
}

/** The failure that an answer tells of. `what` names store and request. */
export function refusal(what: string, status: number, body: string): BucketError {
  const code = textsOf(body, 'Code')[0] ?? '';
  const said = [status, code].filter(Boolean).join(' ');
  const meaning = code === 'NoSuchBucket' ? 'there is no such bucket' : (MEANING[status] ?? 'it failed');
  const passing = status >= 500 || PASSING_STATUS.has(status) || PASSING_CODE.has(code);
  return new BucketError(`${what}: ${meaning} (${said})`, { status, code, passing });
}

/** The failure of a request that got no answer, or only a part of it. */
export function unanswered(what: string, cause: unknown): BucketError {
  const message = `${what}: cannot be reached (${reasonOf(cause)})`;
  return new BucketError(message, { status: 0, code: '', passing: true, cause });
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}

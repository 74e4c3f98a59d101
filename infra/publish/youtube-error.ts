/** What a failed call means for the publication. */
export type YouTubeFault =
  /** The project's allowance of the day is used up. */
  | 'quota'
  /** The account may upload no more videos for now. */
  | 'upload_limit'
  /** The account does not let us in any more; somebody must connect it again. */
  | 'provider_account'
  /** The upload session, or the video, is not there any more. */
  | 'gone'
  /** YouTube does not want what was sent. */
  | 'refused'
  /** There is one of these already. */
  | 'exists'
  /** It may work the next time. */
  | 'unreachable';

/** A failed call to YouTube. The message holds no token. */
export class YouTubeError extends Error {
  override name = 'YouTubeError';
  readonly fault: YouTubeFault;

  constructor(fault: YouTubeFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** Reasons that YouTube gives, by what they mean (developers.google.com/youtube/v3/docs/errors, read 2026-11-24). */
const REASONS: Record<string, YouTubeFault> = {
  quotaExceeded: 'quota',
  dailyLimitExceeded: 'quota',
  uploadLimitExceeded: 'upload_limit',
  rateLimitExceeded: 'unreachable',
  userRateLimitExceeded: 'unreachable',
  captionExists: 'exists',
  channelForbidden: 'refused',
  // A wrong key is a bad request to newer parts of Google; its details say what is wrong.
  keyInvalid: 'provider_account',
  keyExpired: 'provider_account',
  API_KEY_INVALID: 'provider_account',
};

const MAX_MESSAGE_CHARS = 300;

/** The error of an answer that is none of those that were hoped for. Reads its body. */
export async function errorOf(response: Response, what: string): Promise<YouTubeError> {
  const { reason, message } = reasonIn(await response.text().catch(() => ''));
  const fault = (reason && REASONS[reason]) || faultOf(response.status);
  const said = [response.status, reason, message].filter((part) => part).join(' ');
  return new YouTubeError(fault, `${what}: YouTube answered ${said}`);
}

/** A token, or the address of a session, that is repeated to us is taken out by its length. */
function tellable(message: string): string {
  return message.replace(/[^\s"'<>]{32,}/g, '***').slice(0, MAX_MESSAGE_CHARS);
}

function faultOf(status: number): YouTubeFault {
  if (status === 401 || status === 403) return 'provider_account';
  if (status === 404 || status === 410) return 'gone';
  if (status === 408 || status === 429 || status >= 500) return 'unreachable';
  return 'refused';
}

function reasonIn(body: string): { reason?: string | undefined; message?: string | undefined } {
  try {
    const { error } = JSON.parse(body) as {
      error?: { message?: unknown; errors?: { reason?: unknown }[]; details?: { reason?: unknown }[] };
    };
    const given = [error?.errors?.[0], ...(error?.details ?? [])].map((each) => each?.reason);
    const reason = given.find((each) => typeof each === 'string' && each in REASONS) ?? given[0];
    return {
      ...(typeof reason === 'string' && { reason }),
      ...(typeof error?.message === 'string' && { message: tellable(error.message) }),
    };
  } catch {
    return {};
  }
}

/** No connection was made, so no request was sent. A connection that broke may have carried one. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether a failed call has certainly not reached the service: then nobody bills it. */
export function neverArrived(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && NOT_CONNECTED.has(code)) return true;
  }
  return false;
}

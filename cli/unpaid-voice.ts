/** What a voice of this machine is given to be tried with: it pays nobody and keeps nothing. */
export const UNPAID = { pay: notPaid, share: notPaid, fetch: notPaid, kept: { keep: notPaid } };

function notPaid(): never {
  throw new Error('a voice of this machine costs nothing and shares nothing');
}

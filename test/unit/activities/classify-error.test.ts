import { expect, test } from 'vitest';
import { classifyError } from '../../../activities/classify-error.ts';
import { type ErrorKind, StageError } from '../../../domain/errors.ts';

const CASES: [string, unknown, ErrorKind][] = [
  ['Postgres that shuts down', withCode('57P01'), 'infrastructure'],
  ['Postgres without a free connection', withCode('53300'), 'infrastructure'],
  ['a lost connection to Postgres', withCode('08006'), 'infrastructure'],
  ['a pool whose connection ended', new Error('Connection terminated unexpectedly'), 'infrastructure'],
  ['a refused socket of our own', withCode('ECONNREFUSED'), 'infrastructure'],
  ['a Postgres whose disk is full', withCode('53100'), 'infrastructure'],
  ['a Postgres whose disk fails', withCode('58030'), 'infrastructure'],
  ['a transaction that Postgres gave up for another', withCode('40P01'), 'infrastructure'],
  ['a lock that was not to be had', withCode('55P03'), 'infrastructure'],
  ['a row that breaks a rule of ours', withCode('23505'), 'bug'],
  [
    'a pool without a free connection',
    new Error('timeout exceeded when trying to connect'),
    'infrastructure',
  ],
  ['a Redis that is away', new Error('Connection is closed.'), 'infrastructure'],
  ['a Redis that does not answer', new Error('Command timed out'), 'infrastructure'],
  ['a Redis that refuses', Object.assign(new Error('READONLY'), { name: 'ReplyError' }), 'infrastructure'],
  ['a name that is not resolved', withCode('EAI_AGAIN'), 'infrastructure'],
  ['a full disk', withCode('ENOSPC'), 'infrastructure'],
  ['a full allowance of the disk', withCode('EDQUOT'), 'infrastructure'],
  ['a store that is mounted read-only', withCode('EROFS'), 'infrastructure'],
  ['a disk that fails', withCode('EIO'), 'infrastructure'],
  ['a missing file', withCode('ENOENT'), 'bug'],
  ['a fault in our SQL', withCode('42601'), 'bug'],
  [
    'a fetch that found nobody',
    new TypeError('fetch failed', { cause: withCode('ECONNREFUSED') }),
    'connection',
  ],
  ['an answer that broke off', new TypeError('terminated'), 'connection'],
  ['an abort', new DOMException('stopped', 'AbortError'), 'timeout'],
  ['a timeout', new DOMException('late', 'TimeoutError'), 'timeout'],
  ['a missing field', new TypeError('x is undefined'), 'bug'],
  ['a thrown text', 'oops', 'bug'],
  ['nothing at all', undefined, 'bug'],
];

test.each(CASES)('%s is classified', (_, thrown, kind) => {
  expect(classifyError(thrown).kind).toBe(kind);
});

test('a StageError stays itself, and everything else is kept as the cause', () => {
  const known = new StageError('quota', 'no more today');
  expect(classifyError(known)).toBe(known);
  const unknown = new RangeError('bad');
  expect(classifyError(unknown)).toMatchObject({ cause: unknown, message: 'RangeError: bad' });
});

function withCode(code: string): Error {
  return Object.assign(new Error('failed'), { code });
}

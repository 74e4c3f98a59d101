import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lastLines } from '../../../infra/embedded/service.ts';
import { tempFolders } from '../../support/temp-folders.ts';

const folders = tempFolders('log-lines-');

test('the end of a log is told in words, ours without what is only for machines', () => {
  const log = join(folders(), 'worker.log');
  const own = {
    level: 60,
    time: 1,
    msg: 'the workers stopped',
    err: { message: 'no bucket', stack: 'at x' },
  };
  writeFileSync(log, `LOG:  database system is ready\n${JSON.stringify(own)}\n`);
  expect(lastLines(log)).toBe('  | LOG:  database system is ready\n  | the workers stopped: no bucket');
});

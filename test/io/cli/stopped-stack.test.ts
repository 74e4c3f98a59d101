import { expect, test } from 'vitest';
import { requireNotStopped } from '../../../cli/stack.ts';
import { claimLock, releaseLock } from '../../../infra/embedded/lock-file.ts';
import { tempFolders } from '../../support/temp-folders.ts';

const folders = tempFolders('stopped-stack-');

test('a command that watches goes on after a crash, and ends with 3 after a stop', async () => {
  const dataDir = folders();
  claimLock(dataDir, 'a supervisor that is not there any more');
  expect(() => requireNotStopped(dataDir)).not.toThrow();
  releaseLock(dataDir);
  expect(() => requireNotStopped(dataDir)).toThrow(
    expect.objectContaining({ exitCode: 3, message: expect.stringContaining('was stopped') }),
  );
});

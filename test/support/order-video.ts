import type { RunningApi } from '../../api/serve.ts';
import { runVideo } from '../../cli/video.ts';
import { createTestTerminal } from './test-terminal.ts';

/** `npm run video -- "Deep sea"` against a running API, in this process: what it shows, and the code that it ends with. */
export function orderDeepSea(api: RunningApi, out: string) {
  const terminal = createTestTerminal();
  const stack = () => Promise.resolve({ api: api.url, temporalUi: null });
  return { terminal, ending: runVideo(['Deep sea', '--out', out], stack, terminal) };
}

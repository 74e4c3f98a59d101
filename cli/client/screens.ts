import { jsonLine } from './format.ts';
import { createLiveScreen } from './live-screen.ts';
import { createPlainScreen } from './plain-screen.ts';
import type { Screen } from './screen.ts';
import type { Terminal } from './terminal.ts';

/** JSON for programs, one updating line a stage on a terminal, plain lines everywhere else. */
export function chooseScreen(terminal: Terminal, json: boolean): Screen {
  if (json) return createJsonScreen(terminal);
  return terminal.columns() === null ? createPlainScreen(terminal) : createLiveScreen(terminal);
}

function createJsonScreen(terminal: Terminal): Screen {
  return {
    open: () => undefined,
    show: (item) => {
      const line = item.kind === 'event' ? item.event : { type: 'snapshot', ...item.view };
      terminal.write(jsonLine(line));
    },
    close: () => undefined,
  };
}

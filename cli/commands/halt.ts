import { badInput, EXIT } from '../client/cli-error.ts';
import { confirm } from '../client/confirm.ts';
import { type Command, isOn } from './command.ts';
import { movePipeline } from './moves.ts';

export const halt: Command = {
  usage: `Cancels every open video and pauses production. Orders are still taken; they wait until it is resumed.

  npm run ytempire -- halt [--yes]

  --yes         do not ask; needed where nobody can be asked
`,
  options: { yes: { type: 'boolean' } },
  async run(input, session) {
    const { positionals } = input;
    if (positionals.length > 0)
      throw badInput(positionals.join(' '), 'is not for halt, which ends all', 'cancel ends single videos');
    if (await confirm(session.terminal, 'cancel every open video and pause production', isOn(input, 'yes'))) {
      return movePipeline(session, '/pipeline/emergency/halt');
    }
    session.terminal.error('Nothing was halted.');
    return EXIT.failed;
  },
};

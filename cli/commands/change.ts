import { formatDollars, parseDollars } from '../../domain/money.ts';
import { changeVideo, type StatusAnswer } from '../client/api-client.ts';
import { badInput } from '../client/cli-error.ts';
import { type Command, type Input, textOf } from './command.ts';
import { moveEach } from './move-each.ts';
import { resolveIds } from './video-ids.ts';

export const change: Command = {
  usage: `Gives videos another priority or another cap. A waiting video moves in the queue; a new cap counts from the
next paid call on, and lets a video that ended at its cap be retried.

  npm run ytempire -- change ID... [--priority N] [--max-cost DOLLARS]

  ID            an id, or the first 8 characters of it
  --priority    1 to 10, the highest is first; only of a video that has not ended
  --max-cost    most that it may cost: not below what is spent, not above COST_CEILING_USD
`,
  options: { priority: { type: 'string' }, 'max-cost': { type: 'string' } },
  async run(input, session) {
    const wanted = wantedOf(input);
    const ids = await resolveIds(session, input.positionals);
    return moveEach(session, ids, (id) => changeVideo(session.api, id, wanted), told);
  },
};

function wantedOf(input: Input): { priority?: unknown; max_cost?: string } {
  const priority = textOf(input, 'priority');
  const max_cost = textOf(input, 'max-cost');
  if (priority === undefined && max_cost === undefined)
    throw badInput('change', 'nothing says what', 'give --priority N, --max-cost DOLLARS or both');
  return {
    // The API names what is wrong with any other text.
    ...(priority !== undefined && { priority: /^\d+$/.test(priority) ? Number(priority) : priority }),
    ...(max_cost !== undefined && { max_cost }),
  };
}

function told({ priority, max_cost }: StatusAnswer): { text: string; done: boolean } {
  const cap = formatDollars(parseDollars(max_cost));
  return { text: `has priority ${priority} and may cost ${cap}`, done: true };
}

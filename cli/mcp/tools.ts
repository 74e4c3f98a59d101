import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { ask, moveVideo, Refusal, readStatus } from '../client/api-client.ts';
import { CliError } from '../client/cli-error.ts';
import { resolveOne } from '../commands/video-ids.ts';
import { requestKey } from '../orders/request-key.ts';
import { INPUTS, OUTPUTS } from './schemas.ts';

type Arguments = Record<string, unknown>;

const VERSION = '0.1.0';
const INSTRUCTIONS =
  'YTEMPIRE makes videos from topics, scripts or articles. Estimate before you submit; a video takes minutes, so look at its status now and then. Every video has a hard budget.';

/** A server whose tools speak to the API; `locate` tells where that is, at each call. */
export function createMcpServer(locate: () => string): McpServer {
  const server = new McpServer({ name: 'ytempire', version: VERSION }, { instructions: INSTRUCTIONS });
  addOrders(server, locate);
  addVideos(server, locate);
  addCosts(server, locate);
  return server;
}

function addOrders(server: McpServer, locate: () => string): void {
  server.registerTool(
    'submit_video',
    {
      title: 'Order a video',
      description:
        'Orders a video from exactly one of prompt (a topic), script or article. It costs money; estimate_video says how much.',
      inputSchema: INPUTS.submit,
      outputSchema: OUTPUTS.submit,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    },
    tool(async ({ idempotency_key, ...body }) => {
      const headers = {
        'idempotency-key': typeof idempotency_key === 'string' ? idempotency_key : requestKey(body),
      };
      const answer = await ask<Arguments>(locate(), '/pipeline/queue', 'the order was refused', {
        method: 'POST',
        body,
        headers,
      });
      return { ...answer.body, replayed: answer.replayed };
    }),
  );
  server.registerTool(
    'estimate_video',
    {
      title: 'Estimate a video',
      description: 'What an order would cost and when it would be ready. Orders nothing.',
      inputSchema: INPUTS.estimate,
      outputSchema: OUTPUTS.estimate,
      annotations: { readOnlyHint: true },
    },
    tool(async (order) => {
      const call = { method: 'POST' as const, body: { ...order, dry_run: true } };
      return (await ask<Arguments>(locate(), '/pipeline/queue', 'the order would be refused', call)).body;
    }),
  );
}

function addVideos(server: McpServer, locate: () => string): void {
  server.registerTool(
    'video_status',
    {
      title: 'Look at a video',
      description: 'One video in full: status, stage, progress, eta, what it waits for, cost, errors, files.',
      inputSchema: INPUTS.video,
      outputSchema: OUTPUTS.video,
      annotations: { readOnlyHint: true },
    },
    tool(async (given) => ({ ...(await readStatus(locate(), await idOf(locate(), given))) })),
  );
  server.registerTool(
    'list_videos',
    {
      title: 'List videos',
      description: 'A page of videos, newest first; next_cursor of the answer is cursor of the next page.',
      inputSchema: INPUTS.list,
      outputSchema: OUTPUTS.list,
      annotations: { readOnlyHint: true },
    },
    tool(
      async (query) => (await ask<Arguments>(locate(), `/pipeline/videos${queryOf(query)}`, 'the list')).body,
    ),
  );
  server.registerTool(
    'cancel_video',
    {
      title: 'Cancel a video',
      description: 'Tells a video to stop. What it has cost stays spent; one that has ended stays as it is.',
      inputSchema: INPUTS.video,
      outputSchema: OUTPUTS.video,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    },
    tool(async (given) => ({ ...(await moveVideo(locate(), await idOf(locate(), given), 'cancel')) })),
  );
}

function addCosts(server: McpServer, locate: () => string): void {
  server.registerTool(
    'video_costs',
    {
      title: 'Costs of a video',
      description: 'US dollars of a video by service and by attempt, and its cap.',
      inputSchema: INPUTS.video,
      outputSchema: OUTPUTS.costs,
      annotations: { readOnlyHint: true },
    },
    tool(
      async (given) =>
        (await ask<Arguments>(locate(), `/costs/video/${await idOf(locate(), given)}`, 'the costs')).body,
    ),
  );
  server.registerTool(
    'daily_costs',
    {
      title: 'Costs of a day',
      description: 'US dollars of a day by service and by channel; today without a date.',
      inputSchema: INPUTS.day,
      outputSchema: OUTPUTS.day,
      annotations: { readOnlyHint: true },
    },
    tool(
      async (query) => (await ask<Arguments>(locate(), `/costs/daily${queryOf(query)}`, 'the costs')).body,
    ),
  );
}

/** The answer as structure and, for clients that know none, as text; what is wrong becomes an error of the tool. */
function tool(work: (given: Arguments) => Promise<Arguments>): (given: Arguments) => Promise<CallToolResult> {
  return async (given) => {
    try {
      const structuredContent = await work(given);
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const code = error instanceof Refusal && error.problem.code ? `${error.problem.code}: ` : '';
      return { isError: true, content: [{ type: 'text', text: `${code}${error.message}` }] };
    }
  };
}

async function idOf(api: string, { video_id }: Arguments): Promise<string> {
  return resolveOne({ api }, typeof video_id === 'string' ? [video_id] : []);
}

function queryOf(given: Arguments): string {
  const pairs = Object.entries(given).flatMap(([name, value]) =>
    value == null ? [] : [[name, String(value)] as [string, string]],
  );
  return pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : '';
}

import { parseArgs } from 'node:util';
import type { Deps } from '../infra/deps.ts';
import { connectChannel, forgetChannel, listChannels, refreshTokenOf } from '../infra/publish/channels.ts';
import { exchangeCode, type OAuthClient, revokeAccess } from '../infra/publish/oauth.ts';
import { takeUnits } from '../infra/publish/quota.ts';
import { makeTokenBox, openTokenBox } from '../infra/publish/token-box.ts';
import { openYouTube } from '../infra/publish/youtube.ts';
import { oauthClient, youtubeEndpoints } from '../infra/publish/youtube-endpoints.ts';
import { askOwner } from './youtube-consent.ts';

const USAGE = `Connects channels with accounts at YouTube, to which orders with "publish": true are uploaded.

  npm run ytempire -- youtube connect [--channel ID]      asks the account's owner in the browser
  npm run ytempire -- youtube channels                    lists what is connected
  npm run ytempire -- youtube disconnect [--channel ID]   takes the access back and forgets it

  --channel   channel_id of the orders; "default" without it

connect needs YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET of an OAuth client of type "desktop app".

Exit code: 0 done, 1 it could not be done, 2 bad input.
`;

interface Output {
  write(text: string): unknown;
}

/** What the command works with. */
type Parts = Pick<Deps, 'pool' | 'config' | 'secrets'>;

/** `youtube connect | channels | disconnect`; answers the exit code. `open` is called when the input is right. */
export async function runYouTubeCommand(
  args: string[],
  open: () => Promise<Parts & { close(): Promise<void> }>,
  out: Output = process.stdout,
  err: Output = process.stderr,
): Promise<number> {
  const input = read(args);
  if (input === null || input.help) {
    (input ? out : err).write(USAGE);
    return input ? 0 : 2;
  }
  const parts = await open();
  try {
    await COMMANDS[input.name](parts, input.channel, out);
    return 0;
  } catch (error) {
    err.write(`${(error as Error).message}\n`);
    return 1;
  } finally {
    await parts.close();
  }
}

const COMMANDS = { connect, channels, disconnect };

function read(args: string[]): { name: keyof typeof COMMANDS; channel: string; help: boolean } | null {
  try {
    const options = { channel: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    const [name = values.help ? 'channels' : ''] = positionals;
    if (positionals.length > 1 || !Object.hasOwn(COMMANDS, name) || values.channel === '') return null;
    const { channel = 'default', help = false } = values;
    return { name: name as keyof typeof COMMANDS, channel, help };
  } catch {
    return null;
  }
}

async function connect(parts: Parts, channel: string, out: Output): Promise<void> {
  const client = clientOf(parts);
  const box = await makeTokenBox(parts);
  const { code, consent } = await askOwner(client, out);
  const { access, refresh } = await exchangeCode(client, code, consent);
  await takeUnits(parts, 'channels.list');
  const { api } = youtubeEndpoints(parts.config);
  const { id, title } = await openYouTube({ client, api, refresh, access }).ownChannel();
  await connectChannel(parts.pool, box, { channel_id: channel, youtube_id: id, title, refresh });
  out.write(`The channel "${channel}" is connected with "${title}" (${id}).\n`);
}

function clientOf({ config, secrets }: Parts): OAuthClient {
  const client = oauthClient(config, secrets);
  if (client === null) {
    throw new Error(
      'Set YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET in .env: docs/publishing.md says where they come from.',
    );
  }
  return client;
}

async function channels({ pool }: Parts, _channel: string, out: Output): Promise<void> {
  const connected = await listChannels(pool);
  if (connected.length === 0) out.write('No channel is connected.\n');
  for (const { channel_id, title, youtube_id, connected_at } of connected) {
    out.write(`${channel_id}  "${title}" (${youtube_id})  since ${connected_at.toISOString()}\n`);
  }
}

/** What Google still knows is taken back first; an account that nobody can reach is forgotten here all the same. */
async function disconnect(parts: Parts, channel: string, out: Output): Promise<void> {
  const found = (await listChannels(parts.pool)).some(({ channel_id }) => channel_id === channel);
  if (!found) throw new Error(`The channel "${channel}" is not connected.`);
  const revoked = await revoke(parts, channel).catch((error: Error) => error);
  await forgetChannel(parts.pool, channel);
  out.write(`The channel "${channel}" is no longer connected.\n`);
  if (revoked instanceof Error) {
    out.write(`Its access could not be taken back (${revoked.message}): do so in the account at Google.\n`);
  }
}

async function revoke(parts: Parts, channel: string): Promise<void> {
  const refresh = await refreshTokenOf(parts.pool, await openTokenBox(parts), channel);
  if (refresh !== null) await revokeAccess(clientOf(parts), refresh);
}

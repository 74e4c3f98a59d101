import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import {
  ADMITTED,
  type AdmittedSignal,
  SEARCH_ATTRIBUTES,
  type VideoInput,
  WORKFLOW_TYPE,
  workflowIdOf,
} from '../../domain/contract.ts';
import type { Lane } from '../../domain/lanes.ts';
import { temporalPriority } from '../../domain/score.ts';
import type { QueueName } from '../../domain/stages.ts';
import type { Complexity } from '../../domain/video.ts';
import type { Config } from '../settings/config.ts';
import { NO_SECRETS } from '../settings/secrets.ts';
import { NO_TRACES } from '../tracing/tracing.ts';
import { howToRegister, isManagedElsewhere, missingSearchAttributes } from './search-attribute-probe.ts';
import { temporalAddress } from './temporal-connection.ts';

const START_DEADLINE_MS = 1_000;
const DELIVERY_DEADLINE_MS = 5_000;
const SUMMARY_CHARS = 80;
const FIRST_RECONNECT_MS = 100;
const RECONNECT_MS = 2_000;

/** What starting a video's workflow needs of its row. */
export interface StartableVideo {
  id: string;
  generation: number;
  user_id: string;
  channel_id: string;
  priority: number;
  complexity: Complexity;
  /** Title of the order, or the beginning of its text. */
  subject: string;
  /** Of the request that ordered it. */
  trace_parent: string | null;
}

export interface AdmittedVideo extends StartableVideo {
  admission_no: number;
  lane: Lane;
}

/** Connects on first use, so that orders are taken while Temporal is away; a call then fails at once. */
export async function connectTemporal(
  config: Config,
  secrets = NO_SECRETS,
  tracing = NO_TRACES,
): Promise<Client> {
  const connection = Connection.lazy({
    ...temporalAddress(config, secrets),
    channelArgs: {
      'grpc.initial_reconnect_backoff_ms': FIRST_RECONNECT_MS,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MS,
    },
    // No retries of the client's own: they keep callers waiting, and one that falls after close() is an
    // uncaught exception. Whatever must reach Temporal is sent again by its activity or by reconcile.
    interceptors: [],
  });
  return new Client({ ...tracing.client, connection, namespace: config.temporal.namespace });
}

/**
 * Registers the search attributes of the contract; again is harmless. Where only the server's owner may, as on Temporal
 * Cloud, throws an Error with the commands for those that are missing: an unknown one would wedge every workflow.
 */
export async function ensureSearchAttributes(client: Client, { temporal }: Config): Promise<void> {
  const { namespace } = temporal;
  const searchAttributes = Object.fromEntries(
    Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, WIRE_TYPE[type]]),
  );
  await client.withDeadline(Date.now() + DELIVERY_DEADLINE_MS, async () => {
    try {
      await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    } catch (error) {
      if (!isManagedElsewhere(error)) throw error;
      const missing = await missingSearchAttributes(client, namespace);
      if (missing.length > 0) throw new Error(howToRegister(missing, namespace));
    }
  });
}

/**
 * What is wrong with the namespace's search attributes, one entry each: an attribute of the contract that is
 * missing or has another type (unseen where types can't be asked). Throws when Temporal does not answer within 5 s.
 */
export async function searchAttributeFaults(client: Client, { temporal }: Config): Promise<string[]> {
  const { namespace } = temporal;
  return client.withDeadline(Date.now() + DELIVERY_DEADLINE_MS, async () => {
    try {
      const { operatorService } = client.connection;
      return faultsOf((await operatorService.listSearchAttributes({ namespace })).customAttributes);
    } catch (error) {
      if (!isManagedElsewhere(error)) throw error;
      return (await missingSearchAttributes(client, namespace)).map((name) => `${name} is missing`);
    }
  });
}

function faultsOf(registered: Record<string, number> | null | undefined): string[] {
  return Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => {
    const found = registered?.[name];
    if (found === WIRE_TYPE[type]) return [];
    return [found === undefined ? `${name} is missing` : `${name} is not of type ${type}`];
  });
}

/** Full name of a task queue. */
export function taskQueue(config: Config, queue: QueueName): string {
  return `${config.temporal.taskQueuePrefix}${queue}`;
}

/**
 * Starts the workflow of a queued video, so that it is seen and can be cancelled in Temporal while it waits; that of a
 * retried video follows the closed one of an earlier generation. Best effort: throws when Temporal does not answer
 * within a second; admission starts it otherwise.
 */
export async function startVideo(client: Client, config: Config, video: StartableVideo): Promise<void> {
  const start = (workflowIdReusePolicy: ReusePolicy) =>
    client.workflow.start(WORKFLOW_TYPE, { ...startOptions(config, video, 'queued'), workflowIdReusePolicy });
  await client.withDeadline(Date.now() + START_DEADLINE_MS, () =>
    startAfterClosed(client, video, start, (last) => generationOf(last) >= video.generation),
  );
}

/**
 * Tells the workflow that its video is admitted, and starts it when it has none. False, with nothing started, when
 * the workflow of this generation was terminated or cancelled meanwhile: a new one would undo that, so reconcile
 * settles the video. Throws after 5 s.
 */
export async function deliverAdmitted(
  client: Client,
  config: Config,
  video: AdmittedVideo,
): Promise<boolean> {
  const signal: AdmittedSignal = { admission_no: video.admission_no, lane: video.lane };
  const deliver = (workflowIdReusePolicy: ReusePolicy) =>
    client.workflow.signalWithStart(WORKFLOW_TYPE, {
      ...startOptions(config, video, 'processing'),
      workflowIdReusePolicy,
      signal: ADMITTED,
      signalArgs: [signal],
    });
  // Those of earlier generations, and superseded ones, may be followed.
  const wasEndedByHand = (last: WorkflowExecutionDescription) =>
    generationOf(last) === video.generation && ENDED_BY_HAND.includes(last.status.name);
  return client.withDeadline(Date.now() + DELIVERY_DEADLINE_MS, () =>
    startAfterClosed(client, video, deliver, wasEndedByHand),
  );
}

type ReusePolicy = 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE';

/** Starts a video's workflow, also after closed ones. False, with nothing started, when the last of them is in the way. */
async function startAfterClosed(
  client: Client,
  video: StartableVideo,
  start: (reuse: ReusePolicy) => Promise<unknown>,
  isInTheWay: (last: WorkflowExecutionDescription) => boolean,
): Promise<boolean> {
  try {
    await start('REJECT_DUPLICATE');
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    if (isInTheWay(await client.workflow.getHandle(workflowIdOf(video.id)).describe())) return false;
    await start('ALLOW_DUPLICATE');
  }
  return true;
}

/** Of a workflow of a video; 0 for one that does not say. */
export function generationOf({ memo }: Pick<WorkflowExecutionInfo, 'memo'>): number {
  return Number(memo?.['generation'] ?? 0);
}

/** How a workflow closes that an operator has ended. */
const ENDED_BY_HAND: readonly string[] = ['TERMINATED', 'CANCELLED'];

const WIRE_TYPE = { KEYWORD: 2, INT: 3, DOUBLE: 4 } as const;

const VIDEO_STATUS = defineSearchAttributeKey('VideoStatus', SearchAttributeType.KEYWORD);
const CHANNEL_ID = defineSearchAttributeKey('ChannelId', SearchAttributeType.KEYWORD);
const PRIORITY = defineSearchAttributeKey('Priority', SearchAttributeType.INT);
const COMPLEXITY = defineSearchAttributeKey('Complexity', SearchAttributeType.KEYWORD);

function startOptions(config: Config, video: StartableVideo, status: string) {
  const input: VideoInput = { video_id: video.id, generation: video.generation };
  return {
    workflowId: workflowIdOf(video.id),
    taskQueue: taskQueue(config, 'control'),
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    priority: { priorityKey: temporalPriority(video.priority) },
    memo: { generation: video.generation },
    staticSummary: headline(video),
    staticDetails: details(video),
    typedSearchAttributes: new TypedSearchAttributes([
      { key: VIDEO_STATUS, value: status },
      { key: CHANNEL_ID, value: video.channel_id },
      { key: PRIORITY, value: video.priority },
      { key: COMPLEXITY, value: video.complexity },
    ]),
  } satisfies WorkflowStartOptions;
}

function details(video: StartableVideo): string {
  return [
    `**${headline(video)}**`,
    '',
    `- video \`${video.id}\``,
    `- channel \`${video.channel_id}\`, ordered by \`${video.user_id}\``,
    `- ${video.complexity}, priority ${video.priority}`,
  ].join('\n');
}

/** First line of the title or text, without the marks of a Markdown heading. */
function headline({ subject }: StartableVideo): string {
  const line = subject.replace(/^[#\s]+/, '').split('\n', 1)[0] ?? '';
  return line.trim().slice(0, SUMMARY_CHARS);
}

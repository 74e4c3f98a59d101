import { MIN_CAP } from '../../domain/budget.ts';
import {
  dollars,
  matching,
  oneOf,
  share,
  text,
  timeZone,
  url,
  variable,
  whole,
  yesOrNo,
} from './env-values.ts';
import { OBSERVABILITY } from './observability-variables.ts';
import { PROVIDERS } from './providers-variables.ts';
import { RETENTION } from './retention-variables.ts';
import { SERVERS } from './servers-variables.ts';
import { WEBHOOKS } from './webhooks-variables.ts';
import { YOUTUBE } from './youtube-variables.ts';

/** Every variable that is read, by subject. `.env.example` is made from this table; config.ts holds the defaults. */

const count = whole(1);
/** Beyond this no machine is; a wrong exponent would admit a farm's worth of videos to one. */
const atOnce = whole(1, 1_000);
const ms = whole(10);

const PLACES = {
  DATA_DIR: variable(text, 'Folder of the databases, finished videos and logs.', '.data'),
  ARTIFACTS: variable(
    text,
    'Where finished videos lie: file:FOLDER, or s3://BUCKET/PREFIX for several machines; without it a folder in DATA_DIR.',
  ),
  S3_ENDPOINT: variable(
    url,
    'S3-compatible server that holds the bucket; without it that of AWS in S3_REGION.',
  ),
  S3_REGION: variable(text, 'Region of the bucket.', 'us-east-1'),
  AWS_ACCESS_KEY_ID: variable(text, 'Key for the bucket.'),
  AWS_SECRET_ACCESS_KEY: variable(text, 'Its secret.'),
  AWS_SESSION_TOKEN: variable(text, 'Its token, where the key is a temporary one.'),
  ARTIFACT_CACHE_MB: variable(
    whole(0),
    'With a bucket: megabytes of its files that a machine keeps in DATA_DIR, so that it fetches them once.',
    '10240',
  ),
  ARTIFACT_DAYS: variable(
    whole(0, 36_500),
    'Days that the files of an ended video are kept, and unused shared footage; 0 keeps them for ever.',
    '30',
  ),
  MIN_FREE_DISK_MB: variable(
    whole(0),
    'With less free disk than this no video goes into production, and none is rendered.',
    '500',
  ),
  MUSIC_DIR: variable(
    text,
    'Folder of music that orders may name; NAME.licence.txt beside a track is quoted in licences.json.',
  ),
  API_HOST: variable(text, 'Address that the API listens on.', '127.0.0.1'),
  API_PORT: variable(whole(0, 65_535), 'Port of the API; another one is taken when it is busy.', '8787'),
  LOG_LEVEL: variable(
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace'),
    'How much is logged.',
    'info',
  ),
};

const ACCESS = {
  API_KEYS: variable(
    text,
    'Who may call the API, as name:scopes:sha256 parted by commas; "npm run ytempire -- keys new" makes one. Without it only this machine may.',
  ),
  API_KEY: variable(
    text,
    'The key that "npm run video", "npm run ytempire" and "npm run mcp" show to an API that has API_KEYS.',
  ),
  RATE_LIMIT: variable(count, 'Most calls a minute of one key, or of one address without keys.', '600'),
  SESSION_SECRET: variable(
    text,
    'Signs the session cookies of the page; set it where several APIs share one address. Without it one is made at each start.',
  ),
};

const SIZE = {
  CPU_PLACES: variable(atOnce, 'Videos at once on the cpu lane; without it by cores and memory.'),
  GPU_PLACES: variable(
    atOnce,
    'Videos at once on the gpu lane; without it by cores, memory and graphics card.',
  ),
  CPU_SLOTS: variable(atOnce, 'Most stages at once on the cpu lane.', '4'),
  GPU_SLOTS: variable(atOnce, 'Most stages at once on the gpu lane.', '3'),
  IO_SLOTS: variable(atOnce, 'Most stages at once that mostly wait for the network.', '16'),
  QUEUE_MAX: variable(count, 'Most orders that may wait; one more is refused.', '100'),
  MACHINE_CORES: variable(count, 'Cores to reckon with; without it those that the process may use.'),
  MACHINE_ID: variable(text, 'Name of this machine among others; without it its host name.'),
  GPU_ID: variable(
    matching(/^[\w:.-]+$/, 'the index or the UUID of a graphics card, as nvidia-smi shows it'),
    'Graphics card of the gpu lane, by index or UUID, where a machine has several; without it the first.',
  ),
};

const MONEY = {
  DAILY_LIMIT_USD: variable(
    dollars(0),
    'Most dollars that all videos of a day may cost; what would cross it waits. Without it there is no such limit.',
  ),
  COST_CEILING_USD: variable(
    dollars(MIN_CAP),
    'Highest dollars that max_cost of one video may be raised to.',
    '3.00',
  ),
  REPORT_TZ: variable(timeZone, 'Time zone of the days in limits and reports.', 'UTC'),
  CPM_USD: variable(dollars(0), 'Dollars that a thousand views are taken to earn in reports.', '2.00'),
  VIEWS_PER_VIDEO: variable(
    whole(0, 1_000_000_000),
    'Views that a video is taken to have until they are measured.',
    '1000',
  ),
};

const TOOLS = {
  FFMPEG_PATH: variable(text, 'These programs are found or fetched; set a path to use your own.'),
  FFPROBE_PATH: variable(text, 'ffprobe.'),
  NVIDIA_SMI_PATH: variable(text, 'nvidia-smi, which tells how an NVIDIA card does.'),
  TTS_PYTHON: variable(text, 'Python that can import the neural voice hibari.'),
  ESPEAK_PATH: variable(text, 'espeak-ng, the last of the voices.'),
  POSTGRES_HOME: variable(text, 'Folder whose bin/ holds postgres and initdb.'),
  REDIS_SERVER: variable(text, 'redis-server or valkey-server.'),
  REDIS_LIBRARY_PATH: variable(text, 'Folder of the libraries that it needs.'),
  CHROMIUM_PATH: variable(text, 'Chromium or Chrome, for the tests of the page alone.'),
  TEMPORAL_CLI: variable(text, 'temporal, the command line with the server inside.'),
  TEMPORAL_IN_MEMORY: variable(yesOrNo, 'Keeps the history of Temporal in memory: for trials.'),
};

const TIMES = {
  IDLE_STOP_MS: variable(ms, 'The stack stops after so many milliseconds without work.', '1800000'),
  LEASE_MS: variable(ms, "Life of a worker's registration without renewal.", '15000'),
  RECONCILE_MS: variable(ms, 'Time between two looks for what was lost.', '10000'),
  PROVIDER_CLOSED_MS: variable(
    ms,
    'A service that fails is left alone so long, then twice as long.',
    '60000',
  ),
  TROUBLE_ALERT_MS: variable(ms, 'A stage that our own servers fail so long raises an alert.', '60000'),
  TROUBLE_RELEASE_MS: variable(ms, 'And after so long it gives its place back.', '900000'),
  TIDY_MS: variable(ms, 'Time between two looks for files that are too old.', '600000'),
  DATABASE_ANSWER_MS: variable(
    ms,
    'A statement that Postgres has not answered after this has failed.',
    '60000',
  ),
  REDELIVER_MS: variable(ms, 'An admission that nobody claims is delivered again after this.', '3000'),
  RETRY_SCALE: variable(share, 'Factor on the waits between attempts.', '1'),
  READY_FILE: variable(text, 'A worker writes its pid into this file once it polls.'),
  SHUTDOWN_GRACE_MS: variable(whole(0), 'A stopping worker waits so long for its stages.', '60000'),
};

export const SECTIONS = {
  'Services. Nothing here is needed: without keys the video is made offline': PROVIDERS,
  'Publishing at YouTube. Without it finished videos stay in their folder': YOUTUBE,
  Webhooks: WEBHOOKS,
  Places: PLACES,
  'What is kept, beside the files': RETENTION,
  'Access to the API': ACCESS,
  'Size of the production': SIZE,
  'Limits of money': MONEY,
  'Servers of your own': SERVERS,
  'Programs of your own': TOOLS,
  'Metrics and traces': OBSERVABILITY,
  'Times in milliseconds, for operators': TIMES,
};

export const VARIABLES = {
  ...PROVIDERS,
  ...YOUTUBE,
  ...WEBHOOKS,
  ...PLACES,
  ...RETENTION,
  ...ACCESS,
  ...SIZE,
  ...MONEY,
  ...SERVERS,
  ...TOOLS,
  ...OBSERVABILITY,
  ...TIMES,
};

/** Variables whose value is never shown. */
export const SECRET_NAMES = [
  'API_KEY',
  'OPENAI_API_KEY',
  'SPEECH_API_KEY',
  'PEXELS_API_KEY',
  'YOUTUBE_CLIENT_SECRET',
  'YOUTUBE_TOKEN_KEY',
  'YOUTUBE_API_KEY',
  'WEBHOOK_SECRET',
  'SESSION_SECRET',
  'TEMPORAL_API_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'OTEL_EXPORTER_OTLP_HEADERS',
] as const;

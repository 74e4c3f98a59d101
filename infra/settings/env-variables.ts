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
import { fallbacks } from './fallbacks.ts';
import { OBSERVABILITY } from './observability-variables.ts';
import { RETENTION } from './retention-variables.ts';
import { WEBHOOKS } from './webhooks-variables.ts';

/** Every variable that is read, by subject. `.env.example` is made from this table; config.ts holds the defaults. */

const count = whole(1);
/** Beyond this no machine is; a wrong exponent would admit a farm's worth of videos to one. */
const atOnce = whole(1, 1_000);
const ms = whole(10);

const KEYS = {
  OPENAI_API_KEY: variable(
    text,
    'Key of OpenAI: a language model writes the scripts, its voice speaks them. Without it both are made offline, for nothing.',
  ),
  OPENAI_BASE_URL: variable(
    url,
    "Any other server that speaks OpenAI's protocol (Ollama, vLLM, LM Studio, a proxy); such a server may need no key.",
    'https://api.openai.com/v1',
  ),
  OPENAI_MODEL: variable(
    text,
    'Model that writes scripts; it needs its row in the price list.',
    'gpt-4o-mini',
  ),
  SPEECH_API_KEY: variable(text, 'Key of the speech server where it is not the OpenAI key.'),
  SPEECH_BASE_URL: variable(url, 'Speech server with the path /audio/speech; without it OPENAI_BASE_URL.'),
  SPEECH_MODEL: variable(text, 'Model that speaks.', 'gpt-4o-mini-tts'),
  SPEECH_VOICE: variable(text, 'Voice of that model.', 'alloy'),
  TRANSCRIPTION_MODEL: variable(
    text,
    'Model that times the words of the narration; needs OPENAI_API_KEY.',
    'whisper-1',
  ),
  TTS_COMMAND: variable(
    text,
    'Command of a speech engine on this machine: a sentence on standard input, WAV on standard output.',
  ),
  PEXELS_API_KEY: variable(
    text,
    'Key of Pexels (free): footage instead of motion cards behind the narration.',
  ),
  PEXELS_BASE_URL: variable(url, 'Another server with the protocol of Pexels.', 'https://api.pexels.com'),
  FOOTAGE_HOSTS: variable(
    text,
    'Hosts that footage may be downloaded from, parted by commas.',
    'videos.pexels.com,player.vimeo.com',
  ),
  FALLBACKS: variable(
    fallbacks,
    'Who takes over, with a warning, while a service fails: speech=local, footage=cards, parted by commas. Without it the video waits.',
  ),
  PRICES_FILE: variable(
    text,
    'Prices of your own, in the form of infra/prices.json; they count before those.',
  ),
};

const YOUTUBE = {
  YOUTUBE_CLIENT_ID: variable(
    text,
    'OAuth client of type "desktop app" of your project at Google; "npm run ytempire -- youtube connect" needs it.',
  ),
  YOUTUBE_CLIENT_SECRET: variable(text, 'Its secret.'),
  YOUTUBE_TOKEN_KEY: variable(
    text,
    '64 hexadecimal digits that seal the tokens of connected channels; needed with several machines. Without it a file in DATA_DIR holds one.',
  ),
  YOUTUBE_BASE_URL: variable(url, 'Another server that speaks the protocol of YouTube.'),
  YOUTUBE_UPLOADS_PER_DAY: variable(count, 'Uploads a day that your project is allowed.', '100'),
  YOUTUBE_UNITS_PER_DAY: variable(count, 'Units a day for its other calls.', '10000'),
  YOUTUBE_API_KEY: variable(
    text,
    'API key of the same project, by which the statistics of channels and videos are collected.',
  ),
  STATISTICS_HOURS: variable(whole(1, 168), 'Hours between two collections of them.', '6'),
};

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
  MACHINE_CORES: variable(count, 'Cores to reckon with; without it those of the machine.'),
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

const SERVERS = {
  DATABASE_URL: variable(text, 'A Postgres of yours; without it one is started, and so for the next two.'),
  REDIS_URL: variable(text, 'A Redis of yours.'),
  TEMPORAL_ADDRESS: variable(text, 'A Temporal server of yours, as host:port.'),
  TEMPORAL_UI: variable(text, 'URL of its Web UI, for links.'),
  TEMPORAL_NAMESPACE: variable(text, 'Namespace in it.', 'default'),
  TEMPORAL_API_KEY: variable(text, 'API key for it, for example of Temporal Cloud; turns encryption on.'),
  TEMPORAL_TLS: variable(yesOrNo, 'Encrypts the connection to it; on with a key or one of the next four.'),
  TEMPORAL_TLS_CLIENT_CERT_PATH: variable(
    text,
    'File of the certificate by which we are known to it (mTLS), and',
  ),
  TEMPORAL_TLS_CLIENT_KEY_PATH: variable(text, 'the file of its private key.'),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: variable(text, 'File of the authority that has signed its certificate.'),
  TEMPORAL_TLS_SERVER_NAME: variable(text, 'Name in its certificate where the address has another.'),
  TEMPORAL_DEPLOYMENT_NAME: variable(text, 'Worker deployment whose current version gets the work, and'),
  TEMPORAL_WORKER_BUILD_ID: variable(
    text,
    'the version in it that this worker is. Without them any worker gets any work.',
  ),
  DATABASE_SCHEMA: variable(
    matching(/^[a-z_][a-z0-9_]*$/, 'lower-case letters, digits and _'),
    'Schema of the tables.',
    'public',
  ),
  REDIS_PREFIX: variable(text, 'Stands before every key and channel in Redis.', ''),
  TASK_QUEUE_PREFIX: variable(text, 'Stands before every task queue in Temporal.', ''),
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
  'Services. Nothing here is needed: without keys the video is made offline': KEYS,
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
  ...KEYS,
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

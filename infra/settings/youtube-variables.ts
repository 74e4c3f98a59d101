import { text, url, variable, whole } from './env-values.ts';

/** Where finished videos are published, and by what their statistics are collected. */
export const YOUTUBE = {
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
  YOUTUBE_UPLOADS_PER_DAY: variable(whole(1), 'Uploads a day that your project is allowed.', '100'),
  YOUTUBE_UNITS_PER_DAY: variable(whole(1), 'Units a day for its other calls.', '10000'),
  YOUTUBE_API_KEY: variable(
    text,
    'API key of the same project, by which the statistics of channels and videos are collected.',
  ),
  STATISTICS_HOURS: variable(whole(1, 168), 'Hours between two collections of them.', '6'),
};

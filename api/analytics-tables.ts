import type { ChannelView } from '../infra/analytics/channel-view.ts';
import type { DailyMetrics } from '../infra/analytics/daily.ts';
import type { Figures, WindowMetrics } from '../infra/analytics/window.ts';
import { type Cell, csvOf } from './csv.ts';

/** The answers about analytics as tables for a spreadsheet. */

const DAY_COLUMNS = [
  'date',
  'videos',
  'completed',
  'failed',
  'cancelled',
  'cost',
  'average_cost',
  'views',
  'measured_videos',
  'views_source',
  'revenue',
] as const;

/** A row per day, today first. */
export function dayTable(days: DailyMetrics['days']): string {
  return tableOf(DAY_COLUMNS, days);
}

const FIGURE_COLUMNS = [
  'videos_processed',
  'completed_videos',
  'failed_videos',
  'cancelled_videos',
  'success_rate',
  'avg_processing_time',
  'avg_cost',
  'total_cost',
] as const satisfies (keyof Figures)[];

/** A row for all, and one for each complexity, channel and provider; of a provider only what can be said of it. */
export function windowTable(metrics: WindowMetrics): string {
  const row = (part: string, name: string, figures: Figures) => ({ part, name, ...figures });
  const rows = [
    row('all', metrics.time_window, metrics),
    ...metrics.by_complexity.map((each) => row('complexity', each.complexity, each)),
    ...metrics.by_channel.map((each) => row('channel', each.channel_id, each)),
    ...metrics.by_provider.map(({ provider, ...each }) => ({
      ...NO_FIGURES,
      ...{ part: 'provider', name: provider, videos_processed: each.videos },
      ...{ avg_processing_time: each.avg_stage_time, avg_cost: each.avg_cost, total_cost: each.total_cost },
    })),
  ];
  return tableOf(['part', 'name', ...FIGURE_COLUMNS], rows);
}

const NO_FIGURES = Object.fromEntries(FIGURE_COLUMNS.map((name) => [name, null])) as Record<
  keyof Figures,
  number | null
>;

const POINT_COLUMNS = ['timestamp', 'view_count', 'subscriber_count', 'video_count'] as const;

/** A row per collection, oldest first. */
export function channelTable({ channel_id, title, series }: ChannelView): string {
  const rows = series.map((point) => ({ channel_id, title, ...point }));
  return tableOf(['channel_id', 'title', ...POINT_COLUMNS], rows);
}

function tableOf<K extends string>(columns: readonly K[], rows: readonly Record<K, Cell>[]): string {
  return csvOf(
    columns,
    rows.map((row) => columns.map((column) => row[column])),
  );
}

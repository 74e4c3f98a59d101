import { toDollars } from '../../domain/money.ts';
import { estimateRevenue, type Revenue, sumAudience } from '../../domain/revenue.ts';
import type { Deps } from '../deps.ts';
import { readMetrics } from '../views/metrics.ts';
import { type DayAudience, readAudience } from './audience.ts';
import { type DayMetrics, readDays } from './days.ts';
import { type Figures, readWindow, type WindowMetrics } from './window.ts';

/** A window without its parts. */
type WholeWindow = Figures & Pick<WindowMetrics, 'time_window' | 'from' | 'to'>;

/** What a dashboard shows of the farm as a whole. */
export interface DailyMetrics {
  realtime: { queue_depth: number; processing_count: number; last_update: string };
  hourly: WholeWindow;
  daily: WholeWindow;
  revenue: RevenueMetrics;
  totals: { total_processed: number; total_failed: number };
  days: (DayMetrics & Omit<Revenue, 'videos'>)[];
}

/** Revenue is an estimate, in dollars to the cent, and counts for the day on which a video was completed. */
interface RevenueMetrics {
  /** Completed today. */
  daily_videos: number;
  estimated_daily_revenue: number;
  /** Of the last 30 days, today included. */
  estimated_monthly_revenue: number;
  cpm: number;
  /** Of a video that is not measured. */
  views_per_video: number;
  /** Of the last 30 days. */
  views_source: Revenue['views_source'];
  measured_videos: number;
  /** By calendar: this month so far and the last one. */
  months: (Revenue & { month: string })[];
}

const MONTH_DAYS = 30;

/** `days` is how many days are listed, today first; `now` is a test's clock. */
export async function readDaily(
  deps: Pick<Deps, 'pool' | 'config'>,
  days: number,
  now: Date | null = null,
): Promise<DailyMetrics> {
  const reach = Math.max(days, MONTH_DAYS);
  const [metrics, hourly, daily, all, audience] = await Promise.all([
    readMetrics(deps),
    readWindow(deps, '1hour', now),
    readWindow(deps, '1day', now),
    readDays(deps, reach, now),
    readAudience(deps, reach, now),
  ]);
  const { queue_depth, processing_count, total_processed, total_failed } = metrics;
  const earned = createEarned(deps, audience);
  return {
    realtime: { queue_depth, processing_count, last_update: daily.to },
    hourly: whole(hourly),
    daily: whole(daily),
    revenue: revenueOf(deps, all, earned),
    totals: { total_processed, total_failed },
    days: all.slice(0, days).map((day) => {
      const { videos: _, ...revenue } = earned((date) => date === day.date);
      return { ...day, ...revenue };
    }),
  };
}

type Earned = (includes: (date: string) => boolean) => Revenue;

function createEarned({ config }: Pick<Deps, 'config'>, audience: readonly DayAudience[]): Earned {
  return (includes) =>
    estimateRevenue(sumAudience(audience.filter(({ date }) => includes(date))), config.money);
}

function whole({
  by_complexity: _,
  by_channel: __,
  by_provider: ___,
  ...figures
}: WindowMetrics): WholeWindow {
  return figures;
}

function revenueOf(
  { config }: Pick<Deps, 'config'>,
  days: readonly DayMetrics[],
  earned: Earned,
): RevenueMetrics {
  const today = days[0]?.date ?? '';
  const first = days[MONTH_DAYS - 1]?.date ?? '';
  const [ofToday, ofMonth] = [earned((date) => date === today), earned((date) => date >= first)];
  return {
    daily_videos: ofToday.videos,
    estimated_daily_revenue: ofToday.revenue,
    estimated_monthly_revenue: ofMonth.revenue,
    cpm: toDollars(config.money.cpm),
    views_per_video: config.money.viewsPerVideo,
    views_source: ofMonth.views_source,
    measured_videos: ofMonth.measured_videos,
    months: [today.slice(0, 7), monthBefore(today)].map((month) => ({
      month,
      ...earned((date) => date.startsWith(month)),
    })),
  };
}

/** Of a date YYYY-MM-DD, as YYYY-MM. */
function monthBefore(date: string): string {
  const [year = 0, month = 0] = date.split('-').map(Number);
  return month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, '0')}`;
}

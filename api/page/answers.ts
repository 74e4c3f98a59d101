import type { Lane } from '../../domain/lanes.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Complexity, VideoStatus } from '../../domain/video.ts';

/**
 * What the page reads of the API's answers. Written here and not inferred, since the schemas stand among code of the
 * server; test/unit/api/page-answers.test.ts holds them together. Amounts are dollars, times ISO 8601 in UTC.
 */

export interface VideoLine {
  video_id: string;
  status: VideoStatus;
  reason: string | null;
  subject: string;
  channel_id: string;
  user_id: string;
  priority: number;
  complexity: Complexity;
  lane: Lane | null;
  stage: StageName | null;
  progress: number;
  stages: Partial<Record<StageName, 'done' | 'running'>>;
  paused: boolean;
  position: number | null;
  waiting_for: string | null;
  eta: string | null;
  estimated_cost: number;
  actual_cost: number;
  max_cost: number;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
}

export interface VideoPage {
  videos: VideoLine[];
  next_cursor: string | null;
}

export interface Metrics {
  paused: boolean;
  halted: boolean;
  queue_depth: number;
  processing_count: number;
  lanes: Record<Lane, { places: number; used: number }>;
  cost_today: number;
}

export interface DailyMetrics {
  days: {
    date: string;
    videos: number;
    completed: number;
    failed: number;
    cancelled: number;
    cost: number;
  }[];
  /** Of the last 24 hours: percent, and seconds; null where nothing has ended that counts. */
  daily: { success_rate: number | null; avg_processing_time: number | null };
}

export interface PipelineState {
  status: 'paused' | 'running' | 'halted';
  message: string;
}

interface LaneWorker {
  lane: Lane;
  slots: number;
  places: number;
  running: number;
  encoder: string;
  gpu: { gpu_name: string; gpu_utilization: number | null; gpu_temperature: number | null } | null;
  memory_allocated_mb: number;
  trouble: string | null;
}

export interface Machine {
  machine_id: string;
  cores: number;
  cpu_percent: number | null;
  memory_total_mb: number;
  memory_available_mb: number | null;
  lanes: LaneWorker[];
}

export interface Resources {
  machines: Machine[];
}

export interface DetailedHealth {
  overall_status: 'healthy' | 'degraded' | 'unhealthy';
  components: Record<string, { status: string; reason: string | null }>;
}

export interface Provider {
  name: string;
  state: 'open' | 'closed';
  reason: string | null;
  closed_until: string | null;
}

export interface DryRun {
  position: number | null;
  estimated_cost: number;
  estimated_time: number;
  eta: string | null;
}

export interface Accepted extends DryRun {
  video_id: string;
}

export interface Catalogue {
  voices: string[];
  music: string[];
}

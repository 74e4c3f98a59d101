import type { Lane } from '../../../domain/lanes.ts';
import type { StageName } from '../../../domain/stages.ts';
import type { ArtifactName, Complexity, VideoStatus } from '../../../domain/video.ts';

/** What the page reads of the answers about one video, as ../answers.ts does for the others. Dollars, ISO 8601. */

export interface Attempt {
  stage: StageName;
  attempt: number;
  outcome: 'completed' | 'reused' | 'failed' | 'cancelled' | 'worker_lost' | null;
  kind: string | null;
  message: string | null;
  started_at: string;
  ended_at: string | null;
}

export interface Failure {
  stage: string;
  attempt: number;
  kind: string;
  severity: string;
  message: string;
  at: string;
  /** What happens now, in words. */
  next: string;
}

export interface Publication {
  state: string;
  url: string | null;
  sent: number;
  message: string | null;
}

export interface Video {
  video_id: string;
  subject: string;
  channel_id: string;
  user_id: string;
  status: VideoStatus;
  paused: boolean;
  cancelling: boolean;
  reason: string | null;
  message: string | null;
  lane: Lane | null;
  stage: StageName | null;
  progress: number;
  priority: number;
  complexity: Complexity;
  max_cost: number;
  actual_cost: number;
  position: number | null;
  waiting_for: string | null;
  eta: string | null;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  processing_time: number | null;
  retry_count: number;
  finished_stages: StageName[];
  attempts: Attempt[];
  errors: Failure[];
  warnings: { stage: StageName; message: string }[];
  artifacts: Partial<Record<ArtifactName, { url: string; bytes: number; sha256: string }>>;
  artifacts_expired_at: string | null;
  publication: Publication | null;
  links: { status: string; temporal: string | null };
}

export interface VideoCosts {
  total_cost: number;
  held: number;
  assumed: number;
  saved: number;
  cap: number;
  breakdown: Record<string, { total: number; count: number }>;
  stages: { stage: StageName | null; total: number }[];
}

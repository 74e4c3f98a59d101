import { workflowIdOf } from '../domain/contract.ts';
import type { Config } from '../infra/settings/config.ts';

export interface Links {
  /** Paths on this API; `temporal` is the workflow's page in the Temporal UI, null when none is configured. */
  status: string;
  stream: string;
  temporal: string | null;
}

export function linksOf(config: Config, videoId: string): Links {
  const { ui, namespace } = config.temporal;
  return {
    status: `/pipeline/status/${videoId}`,
    stream: `/pipeline/stream/${videoId}`,
    temporal: ui && `${ui.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${workflowIdOf(videoId)}`,
  };
}

import { ANY_LANGUAGE } from '../text/languages.ts';

const has = (stage: string) =>
  `EXISTS (SELECT FROM stage_results WHERE video_id = id AND stage = '${stage}')`;

/**
 * The closed provider that the next stage of a row of `video_queue` needs (SQL of its name), or null: nothing can be
 * done with the video now. Once the closing is over one video tries, and the others wait for its answer.
 */
export const CLOSED_PROVIDER = `(SELECT min(p.name) FROM provider_state p
  WHERE p.state = 'closed'
    AND (p.stand_in IS NULL OR p.stand_in NOT IN ('${ANY_LANGUAGE}', split_part(lower(request_data->>'language'), '-', 1)))
    AND (p.closed_until IS NULL OR p.closed_until > clock_timestamp() OR p.probe_until > clock_timestamp())
    AND CASE p.kind
      WHEN 'llm' THEN request_data->>'script' IS NULL AND NOT ${has('script_generation')}
      WHEN 'speech' THEN ${has('script_generation')} AND NOT ${has('audio_synthesis')}
      WHEN 'footage' THEN ${has('script_generation')} AND NOT ${has('media_collection')}
      ELSE false END)`;

import type { PipelineEvent } from '../../domain/events.ts';

/** Sends an order to a running API and returns the new video's id. */
export async function postOrder(api: string, order: Record<string, unknown>): Promise<string> {
  const response = await fetch(`${api}/pipeline/queue`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
  if (response.status !== 202) throw new Error(`order refused: ${response.status} ${await response.text()}`);
  const { video_id: videoId } = (await response.json()) as { video_id: string };
  return videoId;
}

/** Reads the event stream of a video until `wanted` says so, or the stream ends; returns all events seen. */
export async function watch(
  api: string,
  videoId: string,
  wanted: (event: PipelineEvent) => boolean = () => false,
): Promise<PipelineEvent[]> {
  const stop = new AbortController();
  const response = await fetch(`${api}/pipeline/stream/${videoId}`, {
    headers: { accept: 'text/event-stream' },
    signal: stop.signal,
  });
  const seen: PipelineEvent[] = [];
  for await (const event of eventsOf(response)) {
    seen.push(event);
    if (wanted(event)) break;
  }
  stop.abort();
  return seen;
}

async function* eventsOf(response: Response): AsyncGenerator<PipelineEvent> {
  if (!response.body) return;
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5)] : []));
      if (data.length > 0 && !/^event: ?snapshot$/m.test(block))
        yield JSON.parse(data.join('\n')) as PipelineEvent;
    }
  }
}

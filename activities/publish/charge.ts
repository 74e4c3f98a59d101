import type { Usage } from '../../domain/results.ts';
import { chargeVideo } from '../../infra/money/ledger.ts';
import { priceUsage } from '../../infra/money/prices.ts';
import type { PublishContext } from './activities.ts';

/** A call in the ledger of the video, once however often it is told. YouTube takes no money, so no cap stops it. */
export async function chargeCall({ deps, videoId }: PublishContext, operation: string): Promise<void> {
  const usage: Usage = {
    service: 'youtube_api',
    operation,
    provider: 'youtube',
    model: operation,
    quantity: 1,
    unit: 'call',
  };
  const line = { ...usage, key: `publish:${operation}`, amount: priceUsage(deps.prices, usage) };
  await chargeVideo(deps, videoId, [line], { stage: null, attempt: null });
}

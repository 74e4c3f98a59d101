import type { Order } from '../domain/video.ts';
import { webhookUrlFault } from '../infra/network/webhook-url.ts';
import type { Config } from '../infra/settings/config.ts';
import { HOW_TO_SIGN } from '../infra/settings/webhooks-config.ts';
import type { FieldFault } from './order-schema.ts';

/** Orders whose webhook could never be sent. Where its name leads is checked at each try. */
export function webhookFaults(
  { webhooks }: Pick<Config, 'webhooks'>,
  orders: readonly Order[],
  prefixOf: (index: number) => string,
): FieldFault[] {
  const { signed, hosts } = webhooks;
  return orders.flatMap(({ webhook_url: url }, index) => {
    const fault = url === undefined ? null : signed ? webhookUrlFault(url, hosts) : HOW_TO_SIGN;
    return fault === null ? [] : [{ field: `${prefixOf(index)}webhook_url`, message: fault }];
  });
}

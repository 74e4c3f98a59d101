import type { Config } from '../../infra/settings/config.ts';
import type { Secrets } from '../../infra/settings/secrets.ts';

/** What the choice of a paid provider depends on; the deps of a process hold it. */
export interface ProviderSettings {
  config: Pick<Config, 'providers' | 'tools'>;
  secrets: Secrets;
}

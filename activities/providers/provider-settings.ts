import type { Config } from '../../infra/config.ts';
import type { Secrets } from '../../infra/secrets.ts';

/** What the choice of a paid provider depends on; the deps of a process hold it. */
export interface ProviderSettings {
  config: Pick<Config, 'providers' | 'tools'>;
  secrets: Secrets;
}

import { readFileSync } from 'node:fs';
import type { TLSConfig } from '@temporalio/worker';
import type { Config } from '../settings/config.ts';
import type { Secrets } from '../settings/secrets.ts';

/** How Temporal is reached, in the form that a client's connection and a worker's both take. */
export interface TemporalAddress {
  address: string;
  tls: TLSConfig | null;
  apiKey?: string;
}

/** The one place that says how: address, certificates, API key. Throws an Error that names a file that can't be read. */
export function temporalAddress({ temporal }: Config, secrets: Secrets): TemporalAddress {
  return {
    address: temporal.address,
    tls: temporal.tls && tlsOf(temporal.tls),
    ...(secrets.temporal !== null && { apiKey: secrets.temporal }),
  };
}

function tlsOf(files: NonNullable<Config['temporal']['tls']>): TLSConfig {
  return {
    ...(files.serverName !== null && { serverNameOverride: files.serverName }),
    ...(files.serverCa !== null && {
      serverRootCACertificate: read('TEMPORAL_TLS_SERVER_CA_CERT_PATH', files.serverCa),
    }),
    ...(files.client !== null && {
      clientCertPair: {
        crt: read('TEMPORAL_TLS_CLIENT_CERT_PATH', files.client.certificate),
        key: read('TEMPORAL_TLS_CLIENT_KEY_PATH', files.client.key),
      },
    }),
  };
}

function read(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${name}: ${path} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

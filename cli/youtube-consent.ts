import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { askConsent, type Consent, type OAuthClient } from '../infra/publish/oauth.ts';

const CONSENT_MS = 10 * 60_000;

interface Output {
  write(text: string): unknown;
}

/** Shows the address of the consent page, and waits for the browser to come back to this machine with its code. */
export async function askOwner(
  client: OAuthClient,
  out: Output,
): Promise<{ code: string; consent: Consent }> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const consent = askConsent(client, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  let patience: NodeJS.Timeout | undefined;
  try {
    const code = await new Promise<string>((resolve, reject) => {
      server.on('request', answerTo(consent, resolve, reject));
      patience = setTimeout(() => reject(new Error('Nobody agreed within 10 minutes.')), CONSENT_MS);
      out.write(
        `Open this page in a browser on this machine, as the owner of the account:\n\n  ${consent.url}\n\n`,
      );
    });
    return { code, consent };
  } finally {
    clearTimeout(patience);
    server.close();
  }
}

/** Anything else on this machine may call here: only the answer to our own question counts. */
function answerTo(
  consent: Consent,
  resolve: (code: string) => void,
  reject: (error: Error) => void,
): RequestListener {
  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', consent.redirect);
    if (pathname !== '/' || searchParams.get('state') !== consent.state) {
      response.writeHead(404).end();
      return;
    }
    const code = searchParams.get('code');
    const said = code === null ? 'Nothing was connected.' : 'Done.';
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    response.end(`${said} You may close this page.\n`);
    if (code !== null) resolve(code);
    else reject(new Error(`The account was not connected: ${searchParams.get('error') ?? 'no code came'}`));
  };
}

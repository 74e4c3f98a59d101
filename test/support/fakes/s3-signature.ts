import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../../../infra/settings/secrets.ts';
import type { S3Request } from './s3.ts';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
const MAX_SKEW_MS = 15 * 60_000;

/** The name that S3 gives to what is wrong with a request's signature (version 4), or null. */
export function signatureFault(
  request: S3Request,
  url: URL,
  secrets: Secrets,
  region: string,
): string | null {
  const { headers, body } = request;
  const [, keyId, date = '', scope, signed = '', signature = ''] =
    AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (keyId === undefined) return 'AccessDenied';
  if (keyId !== secrets.s3KeyId) return 'InvalidAccessKeyId';
  if (scope !== region) return 'AuthorizationHeaderMalformed';
  const time = String(headers['x-amz-date']);
  const at = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!time.startsWith(date) || !(Math.abs(at - Date.now()) < MAX_SKEW_MS)) return 'RequestTimeTooSkewed';
  const hash = String(headers['x-amz-content-sha256']);
  if (sha256(body) !== hash) return 'XAmzContentSHA256Mismatch';
  const names = signed.split(';');
  // All of S3's own headers have to be signed, and the host.
  const unsigned = Object.keys(headers).filter(
    (name) => /^(x-amz-.*|host)$/.test(name) && !names.includes(name),
  );
  if (unsigned.length > 0) return 'AccessDenied';
  const text = [
    'AWS4-HMAC-SHA256',
    time,
    `${date}/${region}/s3/aws4_request`,
    sha256(canonical(request, url, names, hash)),
  ];
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secrets.s3Secret}`);
  const expected = hmac(key, text.join('\n'));
  return timingSafeEqual(expected, Buffer.from(signature, 'hex')) ? null : 'SignatureDoesNotMatch';
}

function canonical({ method, headers }: S3Request, url: URL, names: string[], hash: string): string {
  const path = url.pathname.split('/').map((part) => encode(decodeURIComponent(part)));
  const query = [...url.searchParams].map((pair) => pair.map(encode).join('=')).sort();
  const lines = names.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}\n`);
  return [method, path.join('/'), query.join('&'), lines.join(''), names.join(';'), hash].join('\n');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Certificates made on the spot, so that none lies in the repository or runs out: X.509 v3 on P-256. */

export interface Certificate {
  /** PEM. */
  cert: string;
  key: string;
}

export interface Authority extends Certificate {
  /** A certificate for a server of this DNS name, or for a client. */
  issue(name: string): Certificate;
}

const DAY_MS = 86_400_000;
const ECDSA_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const BASIC_CONSTRAINTS = '551d13';
const KEY_USAGE = '551d0f';
const ALTERNATIVE_NAME = '551d11';
const SIGNS_CERTIFICATES = '03020106';

export function createAuthority(name: string): Authority {
  const pair = newPair();
  const extensions = [
    extension(BASIC_CONSTRAINTS, der(0x30, der(0x01, hex('ff')))),
    extension(KEY_USAGE, hex(SIGNS_CERTIFICATES)),
  ];
  const certify = (subject: string, publicKey: KeyObject, own: Buffer[]) =>
    certificate({ issuer: name, subject, publicKey, extensions: own, signWith: pair.privateKey });
  return {
    cert: certify(name, pair.publicKey, extensions),
    key: pemOf(pair.privateKey),
    issue(subject) {
      const { publicKey, privateKey } = newPair();
      const names = der(0x30, der(0x82, Buffer.from(subject)));
      return {
        cert: certify(subject, publicKey, [extension(ALTERNATIVE_NAME, names)]),
        key: pemOf(privateKey),
      };
    },
  };
}

interface Statement {
  issuer: string;
  subject: string;
  publicKey: KeyObject;
  extensions: Buffer[];
  signWith: KeyObject;
}

function certificate({ issuer, subject, publicKey, extensions, signWith }: Statement): string {
  const algorithm = der(0x30, oid(ECDSA_SHA256));
  const validity = der(0x30, time(Date.now() - DAY_MS), time(Date.now() + DAY_MS));
  const statement = der(
    0x30,
    der(0xa0, der(0x02, hex('02'))),
    der(0x02, Buffer.from([1 + Math.floor(Math.random() * 127)])),
    algorithm,
    nameOf(issuer),
    validity,
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, ...extensions)),
  );
  const signature = der(0x03, hex('00'), sign('sha256', statement, signWith));
  const lines =
    der(0x30, statement, algorithm, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** One tagged value in DER. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function extension(id: string, value: Buffer): Buffer {
  return der(0x30, oid(id), der(0x01, hex('ff')), der(0x04, value));
}

function nameOf(commonName: string): Buffer {
  return der(0x30, der(0x31, der(0x30, oid(COMMON_NAME), der(0x0c, Buffer.from(commonName)))));
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function oid(id: string): Buffer {
  return der(0x06, hex(id));
}

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex');
}

function newPair() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

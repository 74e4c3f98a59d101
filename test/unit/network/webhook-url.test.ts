import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { webhookUrlFault } from '../../../infra/network/webhook-url.ts';
import { webhooksConfig } from '../../../infra/settings/webhooks-config.ts';

test.each([
  ['hooks', /no URL/],
  ['//example.com/hook', /no URL/],
  ['http://example.com/hook', /must begin with https/],
  ['ftp://example.com/hook', /must begin with https/],
  ['javascript:alert(1)', /must begin with https/],
  ['https://user:password@example.com/', /no user name or password/],
  ['https://key@example.com/', /no user name or password/],
  ['https://localhost/', /localhost is no host of the internet/],
  ['https://api.localhost./', /no host of the internet/],
  ['https://printer.local/', /no host/],
  ['https://metadata.google.internal/', /no host/],
  ['https://redis/', /no host/],
  ['https://127.0.0.1/', /no host/],
  ['https://2130706433/', /127.0.0.1 is no host/],
  ['https://0x7f.1/', /127.0.0.1 is no host/],
  ['https://0/', /0.0.0.0 is no host/],
  ['https://169.254.169.254/latest/meta-data', /no host/],
  ['https://[::1]/', /no host/],
  ['https://[::ffff:10.0.0.1]/', /no host/],
  ['https://[64:ff9b::a9fe:a9fe]/', /no host/],
  ['https://example.com:22/', /port 22 is neither 443 nor one from 1024/],
  ['https://example.com:80/', /port 80/],
  ['https://localhost../', /no host/],
  ['https://example.com/\u0000', /control character/],
  ['https://example.com/\ud800', /control character/],
  ['https://exam\tple.com/', /control character/],
  [' https://example.com/', /a space/],
  ['https://example.com\\@evil.example/', /a backslash/],
  [`https://example.com/${'x'.repeat(2_048)}`, /longer than 2048/],
])('%s is refused', (url, said) => expect(webhookUrlFault(url, [])).toMatch(said));

test.each([
  'https://example.com/hook?token=1',
  'https://example.com:8443/',
  'https://93.184.215.14/',
  'https://[2606:4700::1111]/',
  'HTTPS://münchen.example/',
])('%s is taken', (url) => expect(webhookUrlFault(url, [])).toBeNull());

describe('WEBHOOK_HOSTS', () => {
  const hosts = ['127.0.0.1:9000', 'hooks.lan:80', 'hooks.lan:443', '[::1]:9000'];

  test.each(['http://127.0.0.1:9000/', 'http://hooks.lan/', 'https://hooks.lan/', 'http://[::1]:9000/x'])(
    'allows %s',
    (url) => expect(webhookUrlFault(url, hosts)).toBeNull(),
  );

  test.each([
    'http://127.0.0.1:9001/',
    'http://hooks.lan:8080/',
    'https://127.0.0.1/',
    'http://a.hooks.lan/',
    'http://key@hooks.lan/',
    'ftp://hooks.lan:443/',
  ])('does not allow %s', (url) => expect(webhookUrlFault(url, hosts)).not.toBeNull());
});

test('no text makes the check throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `https://${text}`),
      ),
      (text) => {
        const fault = webhookUrlFault(text, []);
        expect(fault === null || fault.length > 0).toBe(true);
      },
    ),
  );
});

describe('the configuration', () => {
  const secret = { WEBHOOK_SECRET: 'whsec_x' };

  test('has no receiver of alerts unless one is named', () => {
    expect(webhooksConfig({})).toEqual({ signed: false, alertUrl: null, hosts: [] });
  });

  test('refuses ALERT_WEBHOOK without a secret, and says how to make one', () => {
    expect(() => webhooksConfig({ ALERT_WEBHOOK: 'https://example.com/' })).toThrow(
      /ALERT_WEBHOOK: set WEBHOOK_SECRET, for example to whsec_/,
    );
  });

  test('refuses ALERT_WEBHOOK at a private address unless WEBHOOK_HOSTS names it', () => {
    const alert = { ...secret, ALERT_WEBHOOK: 'http://Hooks.lan:9000/' };
    expect(() => webhooksConfig(alert)).toThrow(/ALERT_WEBHOOK: must begin with https/);
    expect(webhooksConfig({ ...alert, WEBHOOK_HOSTS: 'a:1, HOOKS.lan:9000' })).toEqual({
      signed: true,
      alertUrl: 'http://Hooks.lan:9000/',
      hosts: ['a:1', 'hooks.lan:9000'],
    });
  });
});

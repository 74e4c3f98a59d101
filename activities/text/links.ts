/** Endings of countries but "md", "py", "rs" and "sh": "setup.py" alone is a file, "setup.py/x" is taken for an address. */
const COUNTRIES =
  'a[c-gilmoq-uwxz]|b[abd-jmnorstwyz]|c[acdf-ik-oru-z]|d[ejkmoz]|e[cegrstu]|f[ijkmor]|g[abd-ilmnp-uwy]|h[kmnrtu]|i[del-oq-t]|j[emop]|k[eghimnprwyz]|l[abcikr-vy]|m[aceghk-z]|n[acefgilopruz]|om|p[ae-hk-nrstw]|qa|r[eouw]|s[a-egi-or-vxyz]|t[cdf-hj-ortvwz]|u[agksyz]|v[aceginu]|w[fs]|y[et]|z[amw]';
const ENDINGS =
  'com|net|org|info|biz|edu|gov|pro|mobi|shop|store|xyz|top|site|website|online|club|link|click|app|dev|example|test|bet|bid|blog|buzz|casino|cash|cfd|cloud|cyou|finance|fun|icu|loan|lol|poker|sbs|tech|vip|wiki|win|wtf|zone';
/** After these a slash parts two names ("Node.js/Deno"): no address ends so. */
const FILES = 'js|jsx|ts|tsx|json|css|html|txt|csv|pdf|java|cpp|kt';

const HOST = String.raw`(?<![\p{L}\p{N}@-]|[\p{L}\p{N}-]\.)(?:[\p{L}\p{N}-]+\.)+`;
/** With a path, any ending will do. */
const WITH_PATH = String.raw`(?!(?:${FILES})[/?#])\p{L}[\p{L}\p{N}-]*[\p{L}\p{N}](?::\d+)?(?:/|[?#]\S)\S*`;
const BARE = String.raw`(?:${ENDINGS}|${COUNTRIES})(?![\p{L}\p{N}-])(?::\d+)?(?:[/?#]\S*)?`;
const SCHEME = String.raw`(?:\b[a-z][a-z0-9+.-]{0,30}://|\bwww\.)\S+`;

/** An address, with or without its scheme. Names with a dot that are none ("Node.js") stay. */
const LINK = new RegExp(`${SCHEME}|${HOST}(?:${WITH_PATH}|${BARE})`, 'giu');

/** A space is missing after a full stop ("a reef.It grows"): these countries are words that begin a sentence. */
const BEGINS_SENTENCE = /^[\p{L}\p{N}-]+\.(?:Am|As|At|Be|By|Do|Es|Il|In|Is|It|La|Me|My|No|So|To|Us)$/u;

/** A text without addresses: what a model or an article puts there is no source of ours. */
export function withoutLinks(text: string): string {
  return text
    .replace(LINK, (link) => (BEGINS_SENTENCE.test(link) ? link : ''))
    .replace(/\(\s*\)/g, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}

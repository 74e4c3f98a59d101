/** Parts of a key such as `<video_id>/<run>/<name>`. Throws an Error for what is no key, such as a way out of the store. */
export function partsOf(key: string): string[] {
  const parts = key.split('/');
  const escapes = parts.some((part) => part === '' || part === '.' || part === '..');
  if (escapes || key.includes('\0') || key.includes('\\')) {
    throw new Error(`not a key of the artifact store: ${JSON.stringify(key)}`);
  }
  return parts;
}

/** The file or folder that is meant by a prefix, which may end in `/`. */
export function keyOf(prefix: string): string {
  return prefix.replace(/\/$/, '');
}

/** A file that is no usable picture or clip. `message` completes "the file …". */
export class MediaRefused extends Error {
  override name = 'MediaRefused';
}

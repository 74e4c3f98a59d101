/** A clip that cannot be used, for a reason of its own; the next candidate takes its place. */
export class ClipRefused extends Error {
  override name = 'ClipRefused';
}

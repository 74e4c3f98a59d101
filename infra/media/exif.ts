const EXIF = 'Exif\0\0';
const ORIENTATION_TAG = 0x0112;
const ENTRY_BYTES = 12;

/** The orientation of an EXIF segment, 1 to 8, or null when it has none that can be read. */
export function orientationIn(segment: Buffer): number | null {
  if (segment.toString('latin1', 0, EXIF.length) !== EXIF) return null;
  const tiff = segment.subarray(EXIF.length);
  try {
    const little = tiff.toString('latin1', 0, 2) === 'II';
    const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
    const first = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
    for (let i = 0; i < short(first); i += 1) {
      const entry = first + 2 + i * ENTRY_BYTES;
      if (short(entry) !== ORIENTATION_TAG) continue;
      const value = short(entry + 8);
      return value >= 1 && value <= 8 ? value : null;
    }
    return null;
  } catch (error) {
    // Points beyond its own end.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** How frames become H.264. The same arguments go into every segment, or they could not be joined by copying. */
export interface Encoder {
  name: 'libx264' | 'h264_nvenc';
  /** True when a graphics card encodes. */
  hardware: boolean;
  args: readonly string[];
}

/** Frames between two keyframes at most: 2 s, so that players can seek. */
const GROUP_OF_PICTURES = '60';

/** Clock of the video track, the same in every segment. */
export const TIMESCALE = '15360';

const EVERY_FRAME = ['-g', GROUP_OF_PICTURES, '-profile:v', 'high', '-pix_fmt', 'yuv420p'];

export const SOFTWARE_ENCODER: Encoder = {
  name: 'libx264',
  hardware: false,
  args: ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', ...EVERY_FRAME],
};

export const NVIDIA_ENCODER: Encoder = {
  name: 'h264_nvenc',
  hardware: true,
  args: ['-c:v', 'h264_nvenc', '-preset', 'p7', '-rc', 'vbr', '-cq', '21', '-b:v', '0', ...EVERY_FRAME],
};

/** Output tags: the frames are really converted to BT.709 by the filters. */
export const COLOUR_TAGS = [
  ...['-colorspace', 'bt709', '-color_primaries', 'bt709'],
  ...['-color_trc', 'bt709', '-color_range', 'tv'],
];

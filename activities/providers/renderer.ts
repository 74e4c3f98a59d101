/** How frames become H.264. The same arguments go into every segment, or they could not be joined by copying. */
export interface Encoder {
  name: 'libx264' | 'h264_nvenc' | 'h264_videotoolbox' | 'h264_qsv' | 'h264_vaapi';
  /** True when a graphics card encodes. */
  hardware: boolean;
  args: readonly string[];
  /** Before all inputs: opens the device that frames are handed to. */
  device?: readonly string[];
  /** Filter that hands frames to the device. */
  upload?: string;
  /** For the program: which card it sees. */
  env?: Readonly<Record<string, string>>;
}

/** Frames between two keyframes at most: 2 s, so that players can seek. */
const GROUP_OF_PICTURES = '60';

/** Clock of the video track, the same in every segment. */
export const TIMESCALE = '15360';

const GROUPED = ['-g', GROUP_OF_PICTURES, '-profile:v', 'high'];
const EVERY_FRAME = [...GROUPED, '-pix_fmt', 'yuv420p'];

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

/** In order of trial: a card of its own first. We know all of them from their manuals alone. */
export const HARDWARE_ENCODERS: readonly Encoder[] = [
  NVIDIA_ENCODER,
  {
    name: 'h264_videotoolbox',
    hardware: true,
    args: ['-c:v', 'h264_videotoolbox', '-q:v', '65', ...EVERY_FRAME],
  },
  {
    name: 'h264_qsv',
    hardware: true,
    args: ['-c:v', 'h264_qsv', '-preset', 'slow', '-global_quality', '21', ...GROUPED, '-pix_fmt', 'nv12'],
  },
  {
    name: 'h264_vaapi',
    hardware: true,
    args: ['-c:v', 'h264_vaapi', '-qp', '21', ...GROUPED],
    device: ['-vaapi_device', '/dev/dri/renderD128'],
    upload: 'format=nv12,hwupload',
  },
];

/** Output tags: the frames are really converted to BT.709 by the filters. */
export const COLOUR_TAGS = [
  ...['-colorspace', 'bt709', '-color_primaries', 'bt709'],
  ...['-color_trc', 'bt709', '-color_range', 'tv'],
];

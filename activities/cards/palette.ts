import { hashOf } from './random.ts';

/**
 * Colours of one video. `deep`, `mid` and `glow` fill backgrounds and stay dark enough that white and both
 * accents read at 4.5:1 on any of them, because the camera moves the background under the words.
 */
export interface Palette {
  name: string;
  deep: string;
  mid: string;
  glow: string;
  accent: string;
  accent2: string;
}

/** Colour of the words. */
export const TEXT = '#ffffff';
/** Colour of the less important words; still 4.5:1 on every background. */
export const MUTED = 'rgba(255, 255, 255, 0.84)';

const row = (name: string, deep: string, mid: string, glow: string, accent: string, accent2: string) => ({
  name,
  deep,
  mid,
  glow,
  accent,
  accent2,
});

export const PALETTES: readonly Palette[] = [
  row('abyss', '#04141f', '#0a3a55', '#0d5570', '#7cf0e2', '#ffd591'),
  row('indigo', '#0e0c30', '#2a2174', '#4638a0', '#d6ccff', '#ffb9c6'),
  row('plum', '#1d0a24', '#4c1757', '#7a2873', '#ffc2dc', '#ffdc92'),
  row('forest', '#05170f', '#0e402c', '#17634a', '#aef5bf', '#ffe28c'),
  row('ember', '#210c08', '#5c1d10', '#853718', '#ffcf96', '#ffecc2'),
  row('slate', '#0b1220', '#22324f', '#344f73', '#a3dcff', '#ffd98a'),
  row('azure', '#06133a', '#11337f', '#1a4f9e', '#9be7ff', '#ffe585'),
  row('wine', '#1b0710', '#541130', '#8a2449', '#ffcabf', '#ffe6ae'),
  row('petrol', '#04191b', '#0a474b', '#0f5a54', '#96f7df', '#ffdcc4'),
  row('olive', '#14140a', '#3a3a15', '#575720', '#f6e78e', '#c2f5ab'),
  row('violet', '#120a2a', '#3a2070', '#6a329c', '#a8f1ff', '#f0c9ff'),
  row('graphite', '#101216', '#2b303a', '#474e5c', '#ffc9b4', '#a2eee4'),
];

/** The palette of a video: the same topic always gets the same one. */
export function paletteFor(topic: string): Palette {
  return pick(PALETTES, hashOf(`palette ${topic}`));
}

/** Fill colours of one scene: the weight moves between the palette's tones, so that neighbours differ. */
export interface Tones {
  from: string;
  to: string;
  blobs: readonly [string, string, string];
}

export function tonesFor(palette: Palette, topic: string, scene: number): Tones {
  const { deep, mid, glow } = palette;
  const schemes: readonly Tones[] = [
    { from: deep, to: mid, blobs: [glow, mid, glow] },
    { from: mid, to: deep, blobs: [mid, glow, deep] },
    { from: glow, to: deep, blobs: [deep, mid, glow] },
    { from: mid, to: glow, blobs: [deep, glow, deep] },
  ];
  return pick(schemes, hashOf(`tones ${topic}`) + scene);
}

/** The element at `index`, counted round a list that is never empty. */
export function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}

/** `#rrggbb` with an alpha from 0 to 1. */
export function withAlpha(hex: string, alpha: number): string {
  return `${hex}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`;
}

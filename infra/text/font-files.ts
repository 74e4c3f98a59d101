import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';

/** The shipped fonts: files of an npm package, by family. It loads no library, since the API reads them too. */
export const FONTS: readonly { family: string; files: readonly string[] }[] = [
  {
    family: 'Inter',
    files: [
      'inter/400Regular/Inter_400Regular.ttf',
      'inter/500Medium/Inter_500Medium.ttf',
      'inter/700Bold/Inter_700Bold.ttf',
      'inter/800ExtraBold/Inter_800ExtraBold.ttf',
    ],
  },
  {
    family: 'Noto Sans Arabic',
    files: [
      'noto-sans-arabic/500Medium/NotoSansArabic_500Medium.ttf',
      'noto-sans-arabic/700Bold/NotoSansArabic_700Bold.ttf',
    ],
  },
  {
    family: 'Noto Sans Hebrew',
    files: [
      'noto-sans-hebrew/500Medium/NotoSansHebrew_500Medium.ttf',
      'noto-sans-hebrew/700Bold/NotoSansHebrew_700Bold.ttf',
    ],
  },
  { family: 'Noto Emoji', files: ['noto-emoji/700Bold/NotoEmoji_700Bold.ttf'] },
];

/** Path of a shipped font. */
export function sourceOf(file: string): string {
  return join(projectRoot, 'node_modules', '@expo-google-fonts', file);
}

/** A file of each family: its weights cover the same letters. */
export function coveringFontFiles(): string[] {
  return FONTS.flatMap(({ files }) => files.slice(-1).map(sourceOf));
}

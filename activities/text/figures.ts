import { fitsIn } from './clean-text.ts';

/** Most characters of a figure that a number card can show large. */
export const MAX_FIGURE_CHARS = 14;

const SHORT_UNITS: Record<string, string> = {
  percent: '%',
  'per cent': '%',
  metres: 'm',
  meters: 'm',
  kilometres: 'km',
  kilometers: 'km',
  centimetres: 'cm',
  millimetres: 'mm',
  nanometres: 'nm',
  nanometers: 'nm',
  kilograms: 'kg',
  tonnes: 't',
  seconds: 's',
  minutes: 'min',
  hours: 'h',
  degrees: '°',
};
const SCALE = '(?:thousand|million|billion|trillion)';
const UNIT = `(?:${Object.keys(SHORT_UNITS).join('|')}|%|°[CF]?|[kcmµn]?m|km/h|[kKMGT]?[WB]|kWh|[km]?g|[A-Za-z]*Hz|years?|days?|weeks?|months?|times|feet|miles|euros?|dollars?)`;
const FIGURE = new RegExp(
  `(?<![\\p{L}\\p{N}.,:/#-])([$€£]?)(\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)?)(?:\\s?(${SCALE}))?(?:[\\s-]?(${UNIT})(?![\\p{L}\\p{N}])|\\s(people|[a-z]{3,}s)(?![\\p{L}]))?`,
  'gu',
);

/**
 * The first number of a text that says how much of what ("11,000 m", "76%", "$3 million", "40 origins"), in at most
 * {@link MAX_FIGURE_CHARS} characters; null when there is none. Years, list numbers and bare numbers are none.
 */
export function findFigure(text: string): string | null {
  for (const match of text.matchAll(FIGURE)) {
    const [, currency = '', number = '', scale, unit, noun] = match;
    if (!currency && !scale && !unit && !noun) continue;
    if (noun && !scale && /^(1[5-9]|20)\d\d$/.test(number)) continue;
    const figure = write(currency, number, scale, unit ?? noun);
    if (figure) return figure;
  }
  return null;
}

function write(currency: string, number: string, scale?: string, unit?: string): string | null {
  const amount = `${currency}${number}${scale ? ` ${scale}` : ''}`;
  const short = unit && (SHORT_UNITS[unit] ?? unit);
  const tries = [withUnit(amount, unit && SHORT_UNITS[unit] === '%' ? '%' : unit), withUnit(amount, short)];
  if (scale || currency) tries.push(amount);
  return tries.find((text) => fitsIn(text, MAX_FIGURE_CHARS)) ?? null;
}

function withUnit(amount: string, unit: string | undefined): string {
  if (!unit) return amount;
  return /^[%°]/.test(unit) ? `${amount}${unit}` : `${amount} ${unit}`;
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitText, wrap } from '../../../activities/cards/fit-text.ts';

/** Every character is half an em wide. */
const measure = (text: string) => text.length / 2;
const rules = { maxWidth: 400, maxHeight: 300, size: 80, minSize: 20, maxLines: 4, lineHeight: 1.2 };

test('a short text takes the largest size', () => {
  expect(fitText('Deep', rules, measure)).toEqual({ size: 80, lines: ['Deep'], cut: false });
});

test('a longer text shrinks before it is cut', () => {
  const fitted = fitText('Why the deep sea glows in the dark of the night', rules, measure);
  expect(fitted.cut).toBe(false);
  expect(fitted.size).toBeLessThan(80);
});

test('a text that fits at no size ends in an ellipsis', () => {
  const fitted = fitText('word '.repeat(200), rules, measure);
  expect(fitted.cut).toBe(true);
  expect(fitted.lines.at(-1)).toMatch(/…$/);
});

test('no line is wider than the box, whatever the words', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 60 }), { maxLength: 30 }), (words) => {
      const { size, lines } = fitText(words.join(' '), rules, measure);
      for (const line of lines) expect(measure(line) * size).toBeLessThanOrEqual(rules.maxWidth + 0.01);
      expect(lines.length).toBeLessThanOrEqual(rules.maxLines);
    }),
  );
});

test('wrapping loses no word and keeps their order', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 40 }), (words) => {
      expect(wrap(words.join(' '), 5, measure).join(' ')).toBe(words.join(' '));
    }),
  );
});

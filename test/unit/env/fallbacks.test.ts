import { expect, test } from 'vitest';
import { fallbacks } from '../../../infra/settings/fallbacks.ts';

test('fallbacks are none, one or both', () => {
  expect(fallbacks('')).toEqual({});
  expect(fallbacks('speech=local')).toEqual({ speech: 'local' });
  expect(fallbacks(' footage = cards , speech=local,')).toEqual({ footage: 'cards', speech: 'local' });
});

test.each([
  'speech',
  'speech=cards',
  'llm=offline',
  'footage=cards=cards',
  'speech=local,speech=local',
  '__proto__=x',
])('the fallback "%s" is refused with what is expected', (value) => {
  expect(() => fallbacks(value)).toThrow('pairs parted by commas, of speech=local and footage=cards');
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assFile, assText, drawable } from '../../../activities/captions/ass.ts';
import { srtFile, vttFile } from '../../../activities/captions/text-tracks.ts';

const style = { font: 'Inter', width: 1920, height: 1080 };
const cue = (...lines: string[]) => [{ startMs: 3_723_045, endMs: 3_724_999, lines }];

describe('caption files', () => {
  test('an ASS event carries whole hundredths and both lines', () => {
    const file = assFile(cue('one', 'two'), style);
    expect(file).toContain('PlayResX: 1920\nPlayResY: 1080');
    expect(file).toMatch(/^Dialogue: 0,1:02:03\.04,1:02:04\.99,Caption,,0,0,0,,\{\\blur[\d.]+\}one\\Ntwo$/mu);
  });

  test('an ASS text cannot give commands, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('{\\an8}', '\\N', '\\h', '}{', '\n'),
        (text, mark) => {
          const bare = assText(text + mark)
            .replace(/\\[{}]/gu, '')
            .replaceAll('\\\u2060', '');
          expect(bare).not.toMatch(/[{}\\\r\n]/u);
        },
      ),
    );
  });

  test('whatever the lines say, the file reads back as them: one event a cue, and no command but ours', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '{\\an8}',
        '\\N',
        '\\h',
        '{',
        '}',
        '\\',
        '\r\nDialogue: 0,',
        '%d',
        'שלום',
        'مرحبا',
        '☀',
        '\0',
        '\u202e',
      ),
    );
    const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 2 }), (lines) => {
        const events = assFile(cue(...lines), style)
          .split(/[\r\n]+/u)
          .slice(-2);
        expect(events[1]).toBe('');
        const shown = lines.map(drawable).filter((line) => line !== '');
        const expected = shown.map((line) => line.replace(/\p{Cc}+/gu, ' '));
        if (shown.length === 0) expect(events[0]).toMatch(/^Format: /u);
        else expect(readBack(events[0] ?? '')).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('a letter that no font has is left out, not drawn as a box', () => {
    expect(assFile(cue('the 道 way', '道'), style)).toMatch(/\}the way$/mu);
  });

  test('letters of other scripts name the font that has them', () => {
    const file = assFile(cue('see שלום ☀ 5'), style);
    expect(file).toContain('{\\fnNoto Sans Hebrew\\fs60}שלום{\\fnInter\\fs60}');
    expect(file).toContain('{\\fnNoto Emoji\\fs60}☀{\\fnInter\\fs60} 5');
  });

  test('emoji that libass would draw as a box are left out of the picture and stay in the files', () => {
    const cues = [...cue('party 🎉👩🏽‍🚀 now'), ...cue('🎉')];
    const events = assFile(cues, style).match(/^Dialogue: .*$/gmu);
    expect(events).toHaveLength(1);
    expect(events?.[0]).toMatch(/\}party now$/u);
    expect(vttFile(cues)).toContain('party 🎉👩🏽‍🚀 now');
  });

  test('a WebVTT text shows its own angle brackets and ampersands', () => {
    expect(vttFile(cue('a < b & c --> d'))).toBe(
      'WEBVTT\n\n01:02:03.045 --> 01:02:04.999\na &lt; b &amp; c --&gt; d\n',
    );
  });

  test('a SubRip text holds no mark that a player would read', () => {
    const file = srtFile(cue('<b>{\\an8} --> x'));
    expect(file).toContain('1\n01:02:03,045 --> 01:02:04,999\n');
    expect(file.split('\n')[2]).not.toMatch(/<b|\{\\|-->/u);
    expect(file.split('\n')[2]?.replaceAll('\u2060', '')).toBe('<b>{\\an8} --> x');
  });
});

/** Lines of an event as libass reads them. Throws on a command that is not one of ours. */
function readBack(event: string): string[] {
  const text = /^Dialogue: 0(?:,[^,]*){8},(.*)$/su.exec(event)?.[1] ?? '';
  const parts = text.matchAll(/\\([{}])|\\(N)|\\\u2060|\{([^}]*)\}|([^\\{])|(.)/gsu);
  let read = '';
  for (const [part, brace, newLine, command, plain, wrong] of parts) {
    if (wrong) throw new Error(`"${part}" would be obeyed`);
    if (command !== undefined && !/^\\(blur[\d.]+|fn[A-Za-z ]+\\fs\d+)$/u.test(command)) {
      throw new Error(`${part} is no command of ours`);
    }
    read += brace ?? plain ?? (newLine ? '\n' : command === undefined ? '\\' : '');
  }
  return read.split('\n');
}

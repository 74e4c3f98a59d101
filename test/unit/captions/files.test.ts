import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assFile, assText, drawable } from '../../../activities/captions/ass.ts';
import { srtFile, vttFile } from '../../../activities/captions/text-tracks.ts';

const style = { font: 'Inter', width: 1920, height: 1080, captions: 'bold' as const };

/** A caption whose words all start with it but the last, which lights up half a second later. */
function cue(...lines: string[]) {
  const startMs = 3_723_045;
  const words = lines.join(' ').split(' ');
  const wordStartsMs = words.map((_, i) => (i > 0 && i === words.length - 1 ? startMs + 500 : startMs));
  return [{ startMs, endMs: 3_724_999, lines, wordStartsMs }];
}

describe('caption files', () => {
  test('an ASS event carries whole hundredths and both lines', () => {
    const file = assFile(cue('one', 'two'), style);
    expect(file).toContain('PlayResX: 1920\nPlayResY: 1080');
    const [first, second, ...more] = file.match(/^Dialogue: .*$/gmu) ?? [];
    expect(more).toEqual([]);
    expect(first).toMatch(
      /^Dialogue: 0,1:02:03\.04,1:02:03\.54,Caption,,0,0,0,,\{\\blur[\d.]+\}.*\}one\{.*\}\\Ntwo$/u,
    );
    expect(second).toMatch(/^Dialogue: 0,1:02:03\.54,1:02:04\.99,Caption,.*\}one\\N\{.*\}two\{.*\}$/u);
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

  test('whatever the lines say, the file reads back as them: whole in each event, and no command but ours', () => {
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
    const lineOfEvents = assFile([], style)
      .trimEnd()
      .split(/[\r\n]+/u).length;
    const wordsDrawn = (line: string) =>
      line
        .split(' ')
        .map((each) => drawable(each).replace(/\p{Cc}+/gu, ' '))
        .filter((each) => each !== '')
        .join(' ');
    const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 2 }), (lines) => {
        const events = assFile(cue(...lines), style)
          .split(/[\r\n]+/u)
          .slice(lineOfEvents);
        expect(events.pop()).toBe('');
        const shown = lines.map(wordsDrawn).filter((line) => line !== '');
        expect(events.length > 0).toBe(shown.length > 0);
        for (const event of events) expect(readBack(event)).toEqual(shown);
      }),
      { numRuns: 500 },
    );
  });

  test('a letter that no font has is left out, not drawn as a box', () => {
    expect(plainText(assFile(cue('the 道 way', '道'), style))).toMatch(/,,the way$/mu);
  });

  test('nothing is drawn where captions are left to the files', () => {
    expect(assFile(cue('one two'), { ...style, captions: 'none' })).not.toContain('Dialogue');
  });

  test('a line of wide letters is drawn narrower, so that it stays one line', () => {
    const text = (line: string) => assFile(cue(line), style).match(/^Dialogue: .*$/gmu)?.[0];
    expect(text('i'.repeat(42))).not.toContain('fscx');
    expect(text('W'.repeat(42))).toMatch(/\{\\blur[\d.]+\\fscx\d\d\}/u);
  });

  test('letters of other scripts name the font that has them', () => {
    const file = assFile(cue('see שלום ☀ 5'), style);
    expect(file).toContain('{\\fnNoto Sans Hebrew\\fs67}שלום{\\fnInter\\fs67}');
    expect(file).toContain('{\\fnNoto Emoji\\fs67}☀{\\fnInter\\fs67}');
  });

  test('emoji that libass would draw as a box are left out of the picture and stay in the files', () => {
    const cues = [...cue('party 🎉👩🏽‍🚀 now'), ...cue('🎉')];
    const events = plainText(assFile(cues, style)).match(/^Dialogue: .*$/gmu);
    expect(events).toHaveLength(2);
    for (const event of events ?? []) expect(event).toMatch(/,,party now$/u);
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

/** The file without its commands. */
function plainText(file: string): string {
  return file.replace(/\{[^}]*\}/gu, '');
}

/** Lines of an event as libass reads them. Throws on a command that is not one of ours. */
function readBack(event: string): string[] {
  const text = /^Dialogue: 0(?:,[^,]*){8},(.*)$/su.exec(event)?.[1] ?? '';
  const parts = text.matchAll(/\\([{}])|\\(N)|\\\u2060|\{([^}]*)\}|([^\\{])|(.)/gsu);
  let read = '';
  for (const [part, brace, newLine, command, plain, wrong] of parts) {
    if (wrong) throw new Error(`"${part}" would be obeyed`);
    if (
      command !== undefined &&
      !/^\\(blur[\d.]+(?:\\fscx\d+)?|1c&H[\dA-F]{6}&\\1a&H[\dA-F]{2}&|fn[A-Za-z ]+\\fs\d+)$/u.test(command)
    ) {
      throw new Error(`${part} is no command of ours`);
    }
    read += brace ?? plain ?? (newLine ? '\n' : command === undefined ? '\\' : '');
  }
  return read.split('\n');
}

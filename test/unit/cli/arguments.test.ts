import { expect, test } from 'vitest';
import { runVideo } from '../../../cli/video.ts';
import { createTestTerminal } from '../../support/test-terminal.ts';

async function refused(argv: string[]) {
  const terminal = createTestTerminal();
  const code = await runVideo(argv, () => Promise.reject(new Error('the stack was started')), terminal);
  expect(terminal.out).toBe('');
  return { code, errors: terminal.errors };
}

test.each([
  ['an unknown option', ['--nonsense', 'topic'], /nonsense/],
  ['no topic at all', [], /no topic/],
  ['a blank topic', ['  '], /topic: is blank/],
  ['a topic of invisible signs', ['\u200b\u200b'], /topic: is blank/],
  ['an unknown complexity', ['x', '--complexity', 'huge'], /--complexity "huge".*simple, complex, premium/],
  ['a duration of nothing', ['x', '--duration', '0'], /--duration "0".*15 to 600/],
  ['a duration that is no number', ['x', '--duration', '1e2'], /--duration "1e2"/],
  ['a negative duration', ['x', '--duration', '-5'], /--duration/],
  ['an option without its value', ['x', '--title'], /--title/],
  ['a priority beyond ten', ['x', '--priority', '11'], /--priority "11".*1 to 10/],
  ['an unknown aspect', ['x', '--aspect', '4:3'], /--aspect "4:3".*16:9/],
  ['a cost under the least', ['x', '--max-cost', '0.39'], /--max-cost "0.39".*\$0.40 to \$3.00/],
  ['a cost that is no amount', ['x', '--max-cost', 'much'], /--max-cost "much": must be an amount/],
  ['a time that is none', ['x', '--publish', '--publish-at', 'soon'], /--publish-at "soon": must be a time/],
  ['a time without what it is for', ['x', '--publish-at', '2999-01-01T00:00:00Z'], /--publish-at.*publish/],
  ['a field beside a retry', ['--retry', 'y', '--duration', '20'], /--retry and --duration/],
  ['a topic beside an article', ['x', '--article', 'y'], /a topic and --article/],
  ['a watch without an id', ['--watch', '12'], /--watch "12"/],
  ['a source that is no page', ['x', '--source-url', 'ftp://a'], /--source-url "ftp:\/\/a"/],
  ['a blank out folder', ['x', '--out', ' '], /--out/],
])('refuses %s with one line, and starts nothing', async (_, argv, line) => {
  const { code, errors } = await refused(argv);
  expect(code).toBe(2);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(line);
  expect(errors[0]).not.toMatch(/\n/);
});

test('reports a stack that does not start in one line', async () => {
  const terminal = createTestTerminal();
  const stack = () => Promise.reject(new Error('no free port\n    at somewhere'));
  expect(await runVideo(['topic'], stack, terminal)).toBe(1);
  expect(terminal.errors).toEqual(['error: no free port at somewhere']);
});

test('prints its usage without starting the stack', async () => {
  const terminal = createTestTerminal();
  const stack = () => Promise.reject(new Error('the stack was started'));
  expect(await runVideo(['--help'], stack, terminal)).toBe(0);
  expect(terminal.out).toMatch(/--article FILE/);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMessages } from '../../../cli/client/server-sent-events.ts';

async function parse(chunks: Iterable<string | Buffer>) {
  const messages = [];
  for await (const message of parseMessages(stream(chunks))) messages.push(message);
  return messages;
}

async function* stream(chunks: Iterable<string | Buffer>) {
  yield* chunks;
}

const TEXT = 'event: snapshot\ndata: {"a":"é\u2028b"}\n\n: alive\n\nid: 5-0\nevent: x\ndata: 1\ndata: 2\n\n';

test('reads the same messages however the bytes are cut', async () => {
  const bytes = Buffer.from(TEXT);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
      const ends = [...cuts, 0, bytes.length].sort((a, b) => a - b);
      const chunks = ends.slice(1).map((end, i) => bytes.subarray(ends[i], end));
      expect(await parse(chunks)).toEqual([
        { id: null, event: 'snapshot', data: '{"a":"é\u2028b"}' },
        { id: '5-0', event: 'x', data: '1\n2' },
      ]);
    }),
    { numRuns: 50 },
  );
});

test('drops a message that the connection cut short', async () => {
  expect(await parse(['id: 1-0\ndata: whole\n\nid: 2-0\ndata: ha'])).toHaveLength(1);
});

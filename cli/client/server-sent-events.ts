/** One message of a Server-Sent Events stream; comments are left out. */
export interface Message {
  id: string | null;
  event: string;
  data: string;
}

/** Cuts a stream of text into messages. A message without its closing blank line is dropped, as the format asks. */
export async function* parseMessages(chunks: AsyncIterable<string | Buffer>): AsyncGenerator<Message> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const message = parseBlock(block);
      if (message) yield message;
    }
  }
}

function parseBlock(block: string): Message | null {
  const message: Message = { id: null, event: 'message', data: '' };
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, name, value = ''] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
    if (name === 'data') data.push(value);
    if (name === 'event') message.event = value;
    if (name === 'id') message.id = value;
  }
  return data.length > 0 ? { ...message, data: data.join('\n') } : null;
}

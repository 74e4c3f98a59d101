import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { speechOf, transcriptOf } from './openai-sound.ts';
import { type ChatRequest, chatAnswer, completionOf } from './openai-text.ts';

export type OpenAiRoute = 'chat' | 'speech' | 'transcription' | 'models';

/** What the fake does instead of answering well, once; several wait in line. */
export interface Scripted {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as it is; an object as JSON. Without a status, with 200. */
  body?: string | Buffer | object;
  /** Chat only: this text in a proper answer, with usage. */
  content?: string;
  /** Chat only: the model will not do it. */
  refusal?: string;
  /** Chat only; default "stop". */
  finishReason?: string;
  /** The request is read and never answered. */
  hang?: boolean;
  /** Half of the body is sent, then the connection is cut. */
  cut?: boolean;
  /** A gate that the answer waits for. */
  after?: Promise<unknown>;
}

export interface RecordedRequest {
  headers: IncomingMessage['headers'];
  /** JSON body, or the text fields of a form. */
  body: Record<string, unknown>;
}

export interface FakeOpenAi {
  /** Base URL, for OPENAI_BASE_URL. */
  url: string;
  /** Requests that came in, by route. */
  calls: Record<OpenAiRoute, number>;
  requests: Record<OpenAiRoute, RecordedRequest[]>;
  /** Requests whose client hung up before the answer. */
  aborted: Record<OpenAiRoute, number>;
  /** Answers for the next requests of a route. */
  script(route: OpenAiRoute, ...answers: Scripted[]): void;
  /** While it is out, every connection is cut before an answer. */
  outage(out: boolean): void;
  /** Forgets counts, requests and scripted answers. */
  reset(): void;
  close(): Promise<void>;
}

export interface FakeOpenAiOptions {
  /** When given, any other key is refused as OpenAI refuses it. */
  key?: string;
}

const ROUTES: Record<string, OpenAiRoute> = {
  'POST /v1/chat/completions': 'chat',
  'POST /v1/audio/speech': 'speech',
  'POST /v1/audio/transcriptions': 'transcription',
  'GET /v1/models': 'models',
};
const zero = () => ({ chat: 0, speech: 0, transcription: 0, models: 0 });
const none = <T>() => ({ chat: [] as T[], speech: [] as T[], transcription: [] as T[], models: [] as T[] });

/** A local server that speaks OpenAI's protocol: chat with json_schema, speech, transcription, models. */
export async function startFakeOpenAi(options: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  const state = {
    calls: zero(),
    requests: none<RecordedRequest>(),
    aborted: zero(),
    queue: none<Scripted>(),
    out: false,
  };
  const spoken: string[] = [];
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = ROUTES[`${request.method} ${request.url?.split('?')[0]}`];
    if (!route) return send(response, 404, error('invalid_request_error', null, 'Unknown request URL'));
    state.calls[route] += 1;
    if (state.out) return void response.destroy();
    response.on('close', () => {
      if (!response.writableFinished) state.aborted[route] += 1;
    });
    const bytes = await bodyOf(request);
    const body = await readBody(request, bytes);
    state.requests[route].push({ headers: request.headers, body: body.fields });
    if (options.key !== undefined && request.headers.authorization !== `Bearer ${options.key}`) {
      return send(response, 401, error('invalid_request_error', 'invalid_api_key', WRONG_KEY));
    }
    const scripted = state.queue[route].shift();
    if (scripted?.hang) return;
    await scripted?.after;
    const made = () => good(route, body, spoken, scripted);
    const content = scripted?.body ?? (scripted?.status && scripted.status >= 400 ? '' : await made());
    send(response, scripted?.status ?? 200, content, scripted);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    get calls() {
      return state.calls;
    },
    get requests() {
      return state.requests;
    },
    get aborted() {
      return state.aborted;
    },
    script: (route, ...answers) => void state.queue[route].push(...answers),
    outage: (out) => {
      state.out = out;
    },
    reset: () =>
      void Object.assign(state, { calls: zero(), requests: none(), aborted: zero(), queue: none() }),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What the real service says to a wrong key: it repeats its ends. */
const WRONG_KEY =
  'Incorrect API key provided: sk-wrong***********1234. You can find your API key at https://platform.openai.com/account/api-keys.';

/** An error body as OpenAI writes it. */
export function error(type: string, code: string | null, message: string): object {
  return { error: { message, type, param: null, code } };
}

interface Body {
  fields: Record<string, unknown>;
  file: Buffer | null;
}

async function good(
  route: OpenAiRoute,
  { fields, file }: Body,
  spoken: string[],
  scripted: Scripted = {},
): Promise<object | Buffer> {
  if (route === 'models') return { object: 'list', data: [{ id: 'gpt-4o-mini', object: 'model' }] };
  if (route === 'transcription') return transcriptOf(file ?? Buffer.alloc(0), spoken);
  if (route === 'speech') {
    const input = String(fields['input']);
    spoken.push(input);
    return speechOf(input);
  }
  const request = fields as unknown as ChatRequest;
  return completionOf(request, scripted.content ?? chatAnswer(request), scripted);
}

function send(response: ServerResponse, status: number, body: string | Buffer | object, scripted?: Scripted) {
  const raw = typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = Buffer.from(raw ? body : JSON.stringify(body));
  const type = Buffer.isBuffer(body) ? 'audio/wav' : 'application/json';
  response.writeHead(status, {
    'content-type': type,
    'content-length': bytes.length,
    ...scripted?.headers,
  });
  if (!scripted?.cut) return void response.end(bytes);
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
}

async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function readBody({ headers }: IncomingMessage, bytes: Buffer<ArrayBuffer>): Promise<Body> {
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) {
    return { fields: bytes.length > 0 ? JSON.parse(bytes.toString()) : {}, file: null };
  }
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  const sound = form.get('file');
  const fields = [...form].filter(([, value]) => typeof value === 'string');
  return {
    fields: Object.fromEntries(fields),
    file: sound instanceof File ? Buffer.from(await sound.arrayBuffer()) : null,
  };
}

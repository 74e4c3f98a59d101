import { useEffect, useRef } from 'preact/hooks';
import {
  MAX_ARTICLE_BYTES,
  MAX_DURATION_S,
  MAX_PRIORITY,
  MAX_PROMPT_CHARS,
  MAX_SCRIPT_CHARS,
  MAX_TITLE_CHARS,
  MIN_DURATION_S,
  MIN_PRIORITY,
} from '../../../domain/order-limits.ts';
import { ASPECTS, CAPTION_STYLES, COMPLEXITIES } from '../../../domain/video.ts';
import { choices, readChoices } from './choices.ts';
import { draft, SOURCES, type Source } from './draft.ts';
import { Estimate } from './estimate.tsx';
import { Choice, Field } from './fields.tsx';
import { askEstimate, fault, faults } from './place-order.ts';

/** The form that orders a video. */
export function OrderPage() {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    document.title = 'New video · YTEMPIRE';
    void readChoices();
  }, []);
  const wrong = faults.value.size;
  useEffect(() => {
    if (wrong > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [wrong]);
  return (
    <main class="order">
      <h1>New video</h1>
      <form
        ref={form}
        class="panel"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void askEstimate();
        }}
      >
        <Subject />
        <Making />
        <Sound />
        <p class="fault" role="alert">
          {fault.value}
        </p>
        <div class="actions">
          <button type="submit">Estimate</button>
        </div>
      </form>
      <Estimate />
    </main>
  );
}

const SOURCE_WORDS = { prompt: 'Topic', article: 'Article', script: 'Script' };
const HINTS: Record<Source, string> = {
  prompt: `What the video is about, at most ${MAX_PROMPT_CHARS} characters.`,
  article: `Plain text or Markdown to make it from, at most ${MAX_ARTICLE_BYTES / 1024} kB.`,
  script: `A narration that is spoken word for word, at most ${MAX_SCRIPT_CHARS} characters.`,
};

function Subject() {
  const { source } = draft.value;
  return (
    <>
      <Choice name="source" label="Made from" options={SOURCES} words={SOURCE_WORDS} />
      <Field
        name="text"
        label={SOURCE_WORDS[source]}
        hint={HINTS[source]}
        control={(attributes) => <textarea {...attributes} rows={source === 'prompt' ? 3 : 10} />}
      />
      <Field
        name="title"
        label="Title"
        hint={`Left empty, one is found. At most ${MAX_TITLE_CHARS} characters.`}
        control={(attributes) => <input {...attributes} />}
      />
    </>
  );
}

const number = { inputMode: 'numeric', autocomplete: 'off' } as const;

function Making() {
  return (
    <div class="pairs">
      <Choice name="complexity" label="Complexity" options={COMPLEXITIES} />
      <Choice name="aspect" label="Shape" options={ASPECTS} />
      <Field
        name="channel_id"
        label="Channel"
        hint="Which channel it is for."
        control={(attributes) => <input {...attributes} />}
      />
      <Field
        name="priority"
        label="Priority"
        hint={`${MIN_PRIORITY} to ${MAX_PRIORITY}; the highest goes first.`}
        control={(attributes) => <input {...attributes} {...number} />}
      />
      <Field
        name="duration"
        label="Length in seconds"
        hint={`${MIN_DURATION_S} to ${MAX_DURATION_S}.`}
        control={(attributes) => <input {...attributes} {...number} />}
      />
      <Field
        name="max_cost"
        label="Most that it may cost, in dollars"
        hint="It stops before it would cost more."
        control={(attributes) => <input {...attributes} {...number} inputMode="decimal" />}
      />
    </div>
  );
}

function Sound() {
  const { voices, music } = choices.value;
  return (
    <div class="pairs">
      <Choice name="captions" label="Captions in the picture" options={CAPTION_STYLES} />
      <Field
        name="language"
        label="Language"
        hint='A code such as "en" or "pt-BR".'
        control={(attributes) => <input {...attributes} />}
      />
      <Select name="voice" label="Voice" none="The usual one" names={voices} />
      <Select name="music" label="Music" none="None" names={music} />
      <Field
        name="webhook_url"
        label="Address to tell when it ends"
        hint="Left empty, nobody is told. Only https."
        control={(attributes) => <input {...attributes} type="url" />}
      />
    </div>
  );
}

function Select({
  name,
  label,
  none,
  names,
}: {
  name: 'voice' | 'music';
  label: string;
  none: string;
  names: string[];
}) {
  return (
    <Field
      name={name}
      label={label}
      control={(attributes) => (
        <select {...attributes}>
          <option value="">{none}</option>
          {names.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      )}
    />
  );
}

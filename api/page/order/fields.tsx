import type { ComponentChildren } from 'preact';
import { type Draft, draft } from './draft.ts';
import { faults } from './place-order.ts';

interface Control {
  id: string;
  name: string;
  value: string;
  onInput(event: { currentTarget: { value: string } }): void;
  'aria-invalid': boolean;
  'aria-describedby': string;
}

interface FieldProps {
  name: keyof Draft;
  label: string;
  hint?: string;
  /** Draws the control with these attributes. */
  control(attributes: Control): ComponentChildren;
}

/** A field with its label, a hint, and its fault as the API words it. */
export function Field({ name, label, hint, control }: FieldProps) {
  const fault = faults.value.get(name);
  const attributes: Control = {
    id: `order-${name}`,
    name,
    value: draft.value[name],
    onInput: (event) => change(name, event.currentTarget.value),
    'aria-invalid': fault !== undefined,
    'aria-describedby': `order-${name}-note`,
  };
  return (
    <div class="field">
      <label for={attributes.id}>{label}</label>
      {control(attributes)}
      <p id={`order-${name}-note`} class={fault ? 'fault small' : 'soft small'}>
        {fault ?? hint}
      </p>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  name: keyof Draft;
  label: string;
  options: readonly T[];
  words?: Partial<Record<T, string>>;
}

/** One of a few, all of them seen. */
export function Choice<T extends string>({ name, label, options, words = {} }: ChoiceProps<T>) {
  const fault = faults.value.get(name);
  return (
    <fieldset class="field" aria-describedby={`order-${name}-note`}>
      <legend>{label}</legend>
      <div class="choice">
        {options.map((option) => (
          <label key={option}>
            <input
              type="radio"
              name={name}
              value={option}
              checked={draft.value[name] === option}
              onChange={() => change(name, option)}
            />
            {words[option] ?? option}
          </label>
        ))}
      </div>
      {fault && (
        <p id={`order-${name}-note`} class="fault small">
          {fault}
        </p>
      )}
    </fieldset>
  );
}

function change(name: keyof Draft, value: string): void {
  draft.value = { ...draft.peek(), [name]: value };
  if (!faults.peek().has(name)) return;
  const left = new Map(faults.peek());
  left.delete(name);
  faults.value = left;
}

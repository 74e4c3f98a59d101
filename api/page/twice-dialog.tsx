import { useSignal } from '@preact/signals';
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Question {
  title: string;
  /** What it means. */
  body: ComponentChildren;
  /** Of the button that goes on. */
  go: string;
}

interface Props {
  dialog: RefObject<HTMLDialogElement | null>;
  /** First what it does, then whether it is really wanted. */
  questions: [Question, Question];
  /** Of the button that leaves all as it is. */
  back: string;
  act(): void;
}

/** Asks twice before something is done that cannot be taken back. */
export function TwiceDialog({ dialog, questions, back, act }: Props) {
  const sure = useSignal(0);
  const backButton = useRef<HTMLButtonElement>(null);
  const step = sure.value;
  const { title, body, go } = questions[step] as Question;
  // The button that had the focus is another one now.
  useEffect(() => {
    if (step) backButton.current?.focus();
  }, [step]);
  const close = () => dialog.current?.close();
  const goOn = () => {
    if (!step) sure.value = 1;
    else {
      close();
      act();
    }
  };
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="twice-title"
      onClose={() => {
        sure.value = 0;
      }}
    >
      <div class="body">
        <h2 id="twice-title">{title}</h2>
        {body}
        <div class="actions">
          <button key="back" ref={backButton} type="button" onClick={close}>
            {back}
          </button>
          <button key={step} type="button" class="danger" onClick={goOn}>
            {go}
          </button>
        </div>
      </div>
    </dialog>
  );
}

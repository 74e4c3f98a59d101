import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { metrics } from './pipeline.ts';

/** Asks twice before everything is halted: first what it does, then whether it is really wanted. */
export function HaltDialog({ dialog, halt }: { dialog: RefObject<HTMLDialogElement | null>; halt(): void }) {
  const sure = useSignal(false);
  const back = useRef<HTMLButtonElement>(null);
  const isSure = sure.value;
  // The button that had the focus is another one now.
  useEffect(() => {
    if (isSure) back.current?.focus();
  }, [isSure]);
  const close = () => dialog.current?.close();
  const open = (metrics.value?.queue_depth ?? 0) + (metrics.value?.processing_count ?? 0);
  const many = open === 1 ? '1 open video' : `${open} open videos`;
  const confirm = () => {
    close();
    halt();
  };
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="halt-title"
      onClose={() => {
        sure.value = false;
      }}
    >
      <div class="body">
        <h2 id="halt-title">{sure.value ? `Cancel ${many} now?` : 'Halt everything?'}</h2>
        {sure.value ? (
          <p>
            Each would have to be retried by hand. Waiting ones are cancelled too, and none begins until you
            resume.
          </p>
        ) : (
          <HaltMeaning many={many} />
        )}
        <div class="actions">
          <button key="back" ref={back} type="button" onClick={close}>
            Leave it running
          </button>
          {sure.value ? (
            <button key="now" type="button" class="danger" onClick={confirm}>
              Halt now
            </button>
          ) : (
            <button
              key="go"
              type="button"
              class="danger"
              onClick={() => {
                sure.value = true;
              }}
            >
              Continue to halt
            </button>
          )}
        </div>
      </div>
    </dialog>
  );
}

function HaltMeaning({ many }: { many: string }) {
  return (
    <>
      <p>
        A halt pauses the pipeline and cancels {many}: work under way stops within seconds, and what a running
        stage has made so far is lost.
      </p>
      <p class="soft">
        Finished stages stay, so that a cancelled video can be retried from there. To let running stages
        finish, pause instead.
      </p>
    </>
  );
}

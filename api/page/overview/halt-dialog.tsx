import type { RefObject } from 'preact';
import { TwiceDialog } from '../twice-dialog.tsx';
import { metrics } from './pipeline.ts';

/** Asks twice before everything is halted. */
export function HaltDialog({ dialog, halt }: { dialog: RefObject<HTMLDialogElement | null>; halt(): void }) {
  const open = (metrics.value?.queue_depth ?? 0) + (metrics.value?.processing_count ?? 0);
  const many = open === 1 ? '1 open video' : `${open} open videos`;
  return (
    <TwiceDialog
      dialog={dialog}
      back="Leave it running"
      act={halt}
      questions={[
        { title: 'Halt everything?', body: <HaltMeaning many={many} />, go: 'Continue to halt' },
        {
          title: `Cancel ${many} now?`,
          body: (
            <p>
              Each would have to be retried by hand. Waiting ones are cancelled too, and none begins until you
              resume.
            </p>
          ),
          go: 'Halt now',
        },
      ]}
    />
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

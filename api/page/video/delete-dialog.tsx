import type { RefObject } from 'preact';
import { TwiceDialog } from '../twice-dialog.tsx';

/** Asks twice before a video is taken away. */
export function DeleteDialog({ dialog, act }: { dialog: RefObject<HTMLDialogElement | null>; act(): void }) {
  return (
    <TwiceDialog
      dialog={dialog}
      back="Keep it"
      act={act}
      questions={[
        {
          title: 'Delete this video?',
          body: (
            <p>
              Its order, script, results, files and events go. What it cost stays in the ledger, and a copy at
              YouTube stays there.
            </p>
          ),
          go: 'Continue to delete',
        },
        { title: 'Delete it for good?', body: <p>Nobody can bring it back.</p>, go: 'Delete now' },
      ]}
    />
  );
}

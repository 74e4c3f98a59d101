import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { keyNeeded, wordsOf } from './api.ts';
import { signedIn, signIn, signOut } from './session.ts';

/** Asks for a key over whatever the reader was doing, which stays as it is behind it. */
export function SignIn() {
  return keyNeeded.value ? <SignInDialog /> : null;
}

/** A browser lets a second Escape close what the first must not: it opens again. */
function SignInDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const fault = useSignal('');
  const busy = useSignal(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const key = new FormData(event.currentTarget as HTMLFormElement).get('key');
    busy.value = true;
    fault.value = '';
    await signIn(String(key).trim()).catch((error: unknown) => {
      fault.value = wordsOf(error);
    });
    busy.value = false;
  };
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="sign-in-title"
      onClose={() => dialog.current?.showModal()}
    >
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="sign-in-title">Sign in</h2>
        <p>
          This API asks for a key. It is swapped for a cookie that lasts 12 hours; the page does not keep the
          key.
        </p>
        <label class="field">
          <span>Key</span>
          <input
            name="key"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby="sign-in-fault"
          />
        </label>
        <p id="sign-in-fault" class="fault" role="alert">
          {fault.value}
        </p>
        <div class="actions">
          <button type="submit" class="primary" disabled={busy.value}>
            Sign in
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** For who has shown a key. */
export function SignOut() {
  const fault = useSignal('');
  if (!signedIn.value) return null;
  const leave = () => {
    signOut().catch((error: unknown) => {
      fault.value = wordsOf(error);
    });
  };
  return (
    <>
      <button type="button" class="quiet" onClick={leave}>
        Sign out
      </button>
      <p class="fault" role="alert">
        {fault.value}
      </p>
    </>
  );
}

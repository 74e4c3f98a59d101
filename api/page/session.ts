import { signal } from '@preact/signals';
import { call, keyNeeded, signIns } from './api.ts';
import { store } from './store.ts';

/** A script cannot see the cookie, so a mark beside it says that a key was used. */
const MARK = 'signed-in';
export const signedIn = signal(store((all) => all.getItem(MARK)) !== null);

/** Swaps a key for the session cookie. Throws an ApiError for a wrong key. */
export async function signIn(key: string): Promise<void> {
  await call('/session', { method: 'POST', body: { key } });
  store((all) => all.setItem(MARK, '1'));
  signedIn.value = true;
  signIns.value += 1;
  keyNeeded.value = false;
}

/** Gives the cookie back, and loads the page anew: nothing that the key has shown stays. Throws an ApiError. */
export async function signOut(): Promise<void> {
  await call('/session', { method: 'DELETE' });
  store((all) => all.removeItem(MARK));
  location.reload();
}

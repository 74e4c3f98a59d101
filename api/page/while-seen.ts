/** A tab that is not looked at gives its connection back after this long: a browser has six for one address. */
const UNSEEN_MS = 60_000;

/** Opens something while the tab is looked at, and again when it is looked at again. The answer ends it for good. */
export function whileSeen(open: () => () => void, unseenMs = UNSEEN_MS): () => void {
  let close: (() => void) | null = open();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (!document.hidden) close ??= open();
    else
      timer = setTimeout(() => {
        close?.();
        close = null;
      }, unseenMs);
  };
  document.addEventListener('visibilitychange', look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
    close?.();
  };
}

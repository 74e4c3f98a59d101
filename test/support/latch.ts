/** A promise that the test resolves when it wants work to go on. */
export function latch(): { opened: Promise<void>; open: () => void; isOpen: () => boolean } {
  let open = () => {};
  let isOpen = false;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    opened,
    open: () => {
      isOpen = true;
      open();
    },
    isOpen: () => isOpen,
  };
}

import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';

/** A view whose script is loaded when it is first seen. */
export function lazily<Props extends object = object>(load: () => Promise<ComponentType<Props>>) {
  const loaded = signal<ComponentType<Props> | null>(null);
  const failed = signal(false);
  let loading = false;
  const begin = async () => {
    loading = true;
    try {
      loaded.value = await load();
    } catch {
      failed.value = true;
    }
  };
  return function Lazy(props: Props) {
    const View = loaded.value;
    if (View) return <View {...props} />;
    if (failed.value) return <Gone />;
    if (!loading) void begin();
    return <main aria-busy="true" />;
  };
}

/** The API was built anew and has no part of this version any more. */
function Gone() {
  return (
    <main>
      <p class="notice warn">This part of the page could not be loaded; there may be a new version of it.</p>
      <p>
        <button type="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </p>
    </main>
  );
}

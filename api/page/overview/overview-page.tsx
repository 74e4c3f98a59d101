import { useEffect } from 'preact/hooks';
import { signIns } from '../api.ts';
import { whileSeen } from '../while-seen.ts';
import { Alerts } from './alerts-panel.tsx';
import { Controls } from './controls.tsx';
import { Lanes } from './lanes.tsx';
import { Machines } from './machines.tsx';
import { fault, followPipeline, ready } from './pipeline.ts';
import { Today } from './today.tsx';
import { Videos } from './videos-panel.tsx';

/** Queue and production at a glance. */
export function OverviewPage() {
  const signedIn = signIns.value;
  useEffect(() => whileSeen(followPipeline), [signedIn]);
  useEffect(() => {
    document.title = 'YTEMPIRE';
  }, []);
  return (
    <main class={ready.value ? '' : 'unready'} aria-busy={!ready.value}>
      {!ready.value && <p class="reading soft">Reading the pipeline…</p>}
      <h1 class="seen-by-readers">Overview</h1>
      <Controls />
      {fault.value && <p class="notice bad">{fault.value}</p>}
      <Alerts />
      <div class="panels">
        <Lanes />
        <Today />
        <Machines />
      </div>
      <Videos />
    </main>
  );
}

import { useSignal } from '@preact/signals';
import type { Provider } from '../answers.ts';
import { call, wordsOf } from '../api.ts';
import { type Alert, alertsOf } from './alerts.ts';
import { videos } from './known-videos.ts';
import { health, providers, readAll, told } from './pipeline.ts';

/** What an operator should look at, the worst first. */
export function Alerts() {
  const alerts = [...alertsOf(health.value, providers.value, videos.all()), ...told.value];
  return (
    <section aria-label="Alerts" aria-live="polite" class="alerts">
      {alerts.length === 0 && <p class="soft none">No alerts.</p>}
      {alerts.map((alert) => (
        <AlertLine key={alert.key} alert={alert} />
      ))}
    </section>
  );
}

function AlertLine({ alert }: { alert: Alert }) {
  const isTold = told.value.includes(alert);
  return (
    <div class={`notice ${alert.severity}`}>
      <p>
        {alert.text} {alert.videoId && <a href={`/videos/${alert.videoId}`}>Look at the video</a>}
      </p>
      {alert.provider && <OpenProvider name={alert.provider} />}
      {isTold && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            told.value = told.value.filter((each) => each !== alert);
          }}
        >
          Put away
        </button>
      )}
    </div>
  );
}

function OpenProvider({ name }: { name: string }) {
  const fault = useSignal('');
  const busy = useSignal(false);
  const resume = async () => {
    busy.value = true;
    fault.value = '';
    try {
      await call<Provider>(`/providers/${encodeURIComponent(name)}/resume`, { method: 'POST', body: {} });
      readAll();
    } catch (error) {
      fault.value = wordsOf(error);
    }
    busy.value = false;
  };
  return (
    <div class="actions">
      <span class="fault" role="alert">
        {fault.value}
      </span>
      <button type="button" disabled={busy.value} onClick={() => void resume()}>
        Open {name} again
      </button>
    </div>
  );
}

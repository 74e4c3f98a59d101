import type { Machine } from '../answers.ts';
import { health, resources } from './pipeline.ts';

/** The machines whose workers live: how busy they are, and what ails them. */
export function Machines() {
  const machines = resources.value?.machines;
  return (
    <section class="panel" aria-labelledby="machines-title">
      <h2 id="machines-title">
        Machines{' '}
        {health.value && (
          <span class={`tag ${health.value.overall_status}`}>{health.value.overall_status}</span>
        )}
      </h2>
      {machines?.length === 0 && <p class="soft">No worker is running. Orders wait until one is.</p>}
      <ul class="machines">
        {machines?.map((machine) => (
          <MachineItem key={machine.machine_id} machine={machine} />
        ))}
      </ul>
    </section>
  );
}

function MachineItem({ machine }: { machine: Machine }) {
  const { machine_id, cores, cpu_percent, memory_total_mb, memory_available_mb, lanes } = machine;
  const used = memory_available_mb === null ? null : memory_total_mb - memory_available_mb;
  return (
    <li class="machine">
      <h3>{machine_id}</h3>
      <Gauge name={`CPU, ${cores} cores`} percent={cpu_percent} text={`${Math.round(cpu_percent ?? 0)} %`} />
      <Gauge
        name="Memory"
        percent={used === null ? null : (100 * used) / memory_total_mb}
        text={`${gb(used ?? 0)} of ${gb(memory_total_mb)} GB`}
      />
      {lanes.map((lane) => (
        <p key={lane.lane} class={lane.trouble ? 'fault small' : 'soft small'}>
          {lane.lane}: {lane.running} of {lane.slots} slots, {lane.gpu?.gpu_name ?? lane.encoder}
          {lane.gpu && ` ${lane.gpu.gpu_utilization ?? '–'} %, ${lane.gpu.gpu_temperature ?? '–'} °C`}
          {lane.trouble && `: ${lane.trouble}`}
        </p>
      ))}
    </li>
  );
}

function Gauge({ name, percent, text }: { name: string; percent: number | null; text: string }) {
  const share = Math.min(100, Math.max(0, percent ?? 0));
  return (
    <div class="gauge">
      <span class="small">{name}</span>
      <span class="small soft">{percent === null ? 'not measured' : text}</span>
      <span class="track" aria-hidden="true">
        <span class="level" style={{ transform: `scaleX(${share / 100})` }} />
      </span>
    </div>
  );
}

function gb(megabytes: number): string {
  return (megabytes / 1024).toFixed(1);
}

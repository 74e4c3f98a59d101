import type { LaneStatus, LaneWorker, ResourceStatus } from '../../infra/views/resources.ts';
import { ask } from '../client/api-client.ts';
import { EXIT } from '../client/cli-error.ts';
import { formatAge, jsonLine } from '../client/format.ts';
import { type Cell, writeTable } from '../client/table.ts';
import type { Terminal } from '../client/terminal.ts';
import type { Command } from './command.ts';

export const resources: Command = {
  usage: `Shows lanes and machines: places, who runs what, graphics cards, and what is in trouble.

  npm run ytempire -- resources
`,
  options: {},
  async run(_input, { api, json, terminal }) {
    const { body } = await ask<ResourceStatus>(api, '/resources/status', 'resources');
    if (json) terminal.write(jsonLine(body));
    else write(terminal, body);
    return EXIT.completed;
  },
};

function write(terminal: Terminal, body: ResourceStatus): void {
  writeTable(
    terminal,
    [{ title: 'LANE' }, ...['PLACES', 'USED', 'FREE', 'RUNNING', 'WAITING'].map(figure)],
    Object.entries(body.lanes).map(([name, lane]) => [name, ...laneFigures(lane)]),
  );
  terminal.write('\n');
  if (body.machines.length === 0) {
    terminal.write('No worker is alive: nothing is made until one starts.\n');
    return;
  }
  writeTable(
    terminal,
    [
      { title: 'MACHINE' },
      figure('CPU'),
      figure('MEMORY'),
      { title: 'LANE' },
      figure('BUSY'),
      figure('UP'),
      { title: 'ENCODER' },
    ],
    body.machines.flatMap((machine) => machine.lanes.map((lane) => machineRow(machine, lane))),
  );
  writeJobs(terminal, body);
}

function figure(title: string) {
  return { title, right: true };
}

function laneFigures({ places, places_used, places_free, running, waiting }: LaneStatus): string[] {
  return [places, places_used, places_free, running, waiting].map(String);
}

function machineRow(machine: ResourceStatus['machines'][number], lane: LaneWorker): Cell[] {
  const { cpu_percent, cores, memory_total_mb, memory_available_mb } = machine;
  const used = memory_available_mb === null ? '-' : gigabytes(memory_total_mb - memory_available_mb);
  return [
    machine.machine_id,
    `${cpu_percent === null ? '-' : Math.round(cpu_percent)} % of ${cores}`,
    `${used} of ${gigabytes(memory_total_mb)} GB`,
    lane.lane,
    `${lane.running} of ${lane.slots}`,
    formatAge(lane.up_s * 1000),
    lane.trouble === null ? encoderOf(lane) : { text: lane.trouble, tone: 'bad' },
  ];
}

function encoderOf({ encoder, gpu }: LaneWorker): string {
  return gpu === null ? encoder : `${encoder} on ${gpu.gpu_name}`;
}

function writeJobs(terminal: Terminal, { allocations }: ResourceStatus): void {
  const rows = Object.entries(allocations).flatMap(([lane, jobs]) =>
    jobs.map((job) => [
      job.video_id.slice(0, 8),
      job.stage,
      lane,
      job.machine_id,
      `${Math.round(job.memory_mb)} MB`,
      formatAge(job.age_s * 1000),
    ]),
  );
  if (rows.length === 0) return;
  terminal.write('\n');
  writeTable(
    terminal,
    [
      { title: 'VIDEO' },
      { title: 'STAGE' },
      { title: 'LANE' },
      { title: 'MACHINE' },
      figure('MEMORY'),
      figure('FOR'),
    ],
    rows,
  );
}

function gigabytes(mb: number): string {
  return (mb / 1024).toFixed(1);
}

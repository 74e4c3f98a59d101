import { z } from 'zod';
import { LANES } from '../../domain/lanes.ts';
import { COMPONENTS, HEALTH } from '../../infra/views/health.ts';
import { moveRequest } from '../routes/moves.ts';
import { count } from './answers.ts';
import type { RouteDoc } from './route-doc.ts';

const megabytes = z.number().min(0).describe('MB of 1024 × 1024 bytes');
const measured = z.number().nullable();

const allocation = z.strictObject({
  video_id: z.uuid(),
  stage: z.string(),
  machine_id: z.string(),
  memory_mb: megabytes.describe('Of the graphics card, which only a render reserves; else of the machine'),
  age_s: z.number().min(0),
});

const gpuFigures = {
  gpu_memory_used_mb: measured,
  gpu_memory_total_mb: measured,
  gpu_utilization: measured.describe('Percent'),
  gpu_temperature: measured.describe('Degrees Celsius'),
};

const lane = z.strictObject({
  slots: count.describe('Stages at once'),
  places: count.describe('Videos at once, as living workers offer'),
  places_used: count,
  places_free: count,
  running: count.describe('Stages that run now'),
  waiting: count.describe('Videos that wait for a place, premium ones at gpu'),
});

const laneWorker = z.strictObject({
  lane: z.enum(LANES),
  pid: z.int(),
  slots: count,
  places: count.describe('0 while it is in trouble or its disk is nearly full'),
  running: count,
  encoder: z.string(),
  device: z.string().nullable().describe('UUID of the graphics card; null where none encodes'),
  gpu: z.strictObject({ gpu_name: z.string(), ...gpuFigures }).nullable(),
  memory_allocated_mb: megabytes.describe('Reserved of the graphics card'),
  trouble: z.string().nullable().describe('Why it takes no work'),
  version: z.string().nullable(),
  up_s: z.number(),
});

export const resources = z
  .strictObject({
    cpu: z.strictObject({
      cores_available: count.describe('Of all machines together'),
      active_jobs: count,
      cpu_percent: z.number().describe('Mean of the machines'),
      memory_used_mb: megabytes.describe('8 GB for each job of the cpu lane'),
      memory_available_mb: megabytes,
    }),
    gpu: z.strictObject({
      gpu_name: z.string().nullable().describe('The first card; null without one'),
      ...gpuFigures,
      active_jobs: count,
      memory_allocated_mb: megabytes.describe('Reserved by renders'),
      memory_available_mb: megabytes.describe(
        'Left to reserve: 28 GB of a card of 32, less what is reserved',
      ),
    }),
    allocations: z.strictObject({ gpu: z.array(allocation), cpu: z.array(allocation) }),
    lanes: z.strictObject({ gpu: lane, cpu: lane }),
    machines: z.array(
      z.strictObject({
        machine_id: z.string(),
        cores: count,
        cpu_percent: measured,
        memory_total_mb: megabytes,
        memory_available_mb: measured,
        lanes: z.array(laneWorker),
      }),
    ),
  })
  .meta({ id: 'Resources' });

export const cleared = z
  .strictObject({ status: z.literal('cleared'), message: z.string(), freed: count.describe('Reservations') })
  .meta({ id: 'Cleared' });

const component = z.strictObject({ status: z.enum(HEALTH), reason: z.string().nullable() });

export const detailedHealth = z
  .strictObject({
    overall_status: z.enum(['healthy', 'degraded', 'unhealthy']).describe('unhealthy: no database'),
    components: z.strictObject(
      Object.fromEntries(COMPONENTS.map((name) => [name, component])) as Record<
        (typeof COMPONENTS)[number],
        typeof component
      >,
    ),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'DetailedHealth' });

/** The routes about machines, part of the one table. */
export const RESOURCE_ROUTES = {
  resources: {
    method: 'GET',
    path: '/resources/status',
    scope: 'read',
    tag: 'Pipeline',
    summary: 'Look at machines and lanes',
    description: 'Living workers alone; what runs is as of now, figures of machines are up to 5 s old.',
    answers: { 200: { description: 'Who works on what', body: resources } },
  },
  clearGpu: {
    method: 'POST',
    path: '/resources/clear/gpu',
    scope: 'control',
    tag: 'Pipeline',
    summary: 'Free graphics memory of jobs that are gone',
    description: 'What running jobs have reserved stays theirs.',
    body: moveRequest,
    answers: { 200: { description: 'How many reservations are freed', body: cleared } },
    problems: ['invalid_json', 'invalid_request'],
  },
  detailedHealth: {
    method: 'GET',
    path: '/health/detailed',
    scope: 'read',
    tag: 'Health',
    summary: 'Ask every part how it does, and why',
    description: '200 whatever it says.',
    answers: { 200: { description: 'All parts', body: detailedHealth } },
  },
} as const satisfies Record<string, RouteDoc>;

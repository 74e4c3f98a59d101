import { createLogger } from '../../infra/logger.ts';

const BENCHES: Record<string, () => Promise<(args: string[]) => Promise<Record<string, unknown>>>> = {
  render: async () => (await import('./render.ts')).benchRender,
  video: async () => (await import('./video.ts')).benchVideo,
  gallery: async () => (await import('./gallery.ts')).benchGallery,
  queue: async () => (await import('./queue.ts')).benchQueue,
  cancel: async () => (await import('./cancel.ts')).benchCancel,
  scale: async () => (await import('./scale.ts')).benchScale,
  'scale-worker': async () => (await import('./scale-worker.ts')).runScaleWorker,
  ledger: async () => (await import('./ledger.ts')).benchLedger,
  streams: async () => (await import('./streams.ts')).benchStreams,
  page: async () => (await import('./page.ts')).benchPage,
};

/** `npm run bench -- <name>` prints a table and ends with one JSON line of its figures. */
async function main([name = '', ...args]: string[]): Promise<void> {
  const load = BENCHES[name];
  if (!load) {
    console.error(`unknown bench "${name}": choose ${Object.keys(BENCHES).join(' or ')}`);
    process.exitCode = 2;
    return;
  }
  const bench = await load();
  console.log(JSON.stringify(await bench(args)));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  createLogger('error', 'bench').error({ err: error }, 'the bench failed');
  process.exitCode = 1;
});

/** The workflow bundle's entry: every exported function is a workflow type. */
export { collectStatistics } from './collect-statistics.ts';
export { notify } from './notify.ts';
export { produceVideo } from './produce-video.ts';
export { publishVideo } from './publish-video.ts';

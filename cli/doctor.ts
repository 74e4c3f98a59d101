import { projectRoot } from '../infra/project-root.ts';
import type { Env } from '../infra/settings/env.ts';
import { EXIT } from './client/cli-error.ts';
import { processTerminal, type Terminal } from './client/terminal.ts';
import { type Check, type Diagnosis, diagnose, lineOf, type Status } from './doctor/check.ts';
import { machineChecks } from './doctor/machine.ts';
import { type Patient, readPatient } from './doctor/patient.ts';
import { portChecks } from './doctor/ports.ts';
import { serverChecks } from './doctor/servers.ts';
import { serviceChecks } from './doctor/services.ts';
import { settingsChecks } from './doctor/settings.ts';
import { temporalChecks } from './doctor/temporal.ts';
import { toolChecks } from './doctor/tools.ts';
import { voiceChecks } from './doctor/voice.ts';

const READY = 'Ready. Make one: npm run video -- "Why the deep sea glows"';
const USAGE = 'Use: npm run doctor [-- --json]';

/**
 * `npm run doctor`: looks at every part at once and tells each in one line, with the mend where one is needed.
 * Exit code 0 when nothing fails, warnings or not. `--json` prints one array instead.
 */
export async function runDoctor(
  args: string[],
  env: Env,
  dataDir: string,
  terminal: Terminal = processTerminal(),
): Promise<number> {
  if (args.some((arg) => arg !== '--json')) {
    terminal.error(USAGE);
    return EXIT.badInput;
  }
  const asked = checksOf(readPatient(env, dataDir)).map((check) => diagnose(check));
  if (args.includes('--json')) {
    terminal.write(`${JSON.stringify(await Promise.all(asked), null, 2)}\n`);
  } else {
    // In the order of the table, each as soon as those before it are known.
    for (const one of asked) terminal.write(`${lineOf(await one)}\n`);
    terminal.write(summaryOf(await Promise.all(asked)));
  }
  const failed = (await Promise.all(asked)).some(({ status }) => status === 'FAIL');
  return failed ? EXIT.failed : EXIT.completed;
}

function summaryOf(found: readonly Diagnosis[]): string {
  const count = (wanted: Status) => found.filter(({ status }) => status === wanted).length;
  const counts = `${count('ok')} ok, ${count('warn')} warnings, ${count('FAIL')} failures\n`;
  return count('FAIL') === 0 ? `${counts}${READY}\n` : counts;
}

function checksOf(patient: Patient): Check[] {
  return [
    ...machineChecks(patient),
    ...settingsChecks(projectRoot),
    ...toolChecks(patient.config),
    ...voiceChecks(patient),
    ...portChecks(patient),
    ...serverChecks(patient),
    ...temporalChecks(patient),
    ...serviceChecks(patient),
  ];
}

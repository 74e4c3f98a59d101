import type { Variable } from './env-values.ts';
import { SECRET_NAMES, SECTIONS } from './env-variables.ts';

const HEAD = `# Configuration

Every setting is a variable of the environment, or a line \`NAME=value\` in \`.env\`; the environment goes before. All are
read once, when a command starts: \`npm run doctor\` says what was understood, a wrong value stops the start and is named
with what is expected. Nothing has to be set. \`.env.example\` holds the same table to be copied.

This page is made from the code that reads the settings, by \`npm run ytempire env-example\`.`;

const ANYTHING = '\0';

/** The text of docs/configuration.md: every variable with its values, its default and what it is for. */
export function configurationPage(): string {
  const sections = Object.entries(SECTIONS).map(([title, variables]) => {
    const [heading = '', ...more] = title.split('. ');
    const rows = Object.entries(variables).map(([name, variable]) => rowOf(name, variable));
    const lead = more.length > 0 ? `${more.join('. ')}.\n\n` : '';
    return `## ${heading}\n\n${lead}| variable | value | default | what it is for |\n|---|---|---|---|\n${rows.join('\n')}`;
  });
  return `${HEAD}\n\n${sections.join('\n\n')}\n`;
}

function rowOf(name: string, variable: Variable<unknown>): string {
  const isSecret = SECRET_NAMES.some((secret) => secret === name);
  const standard = variable.standard ? `\`${variable.standard}\`` : '';
  const cells = [
    `\`${name}\``,
    isSecret ? 'secret, never shown' : valuesOf(variable),
    standard,
    variable.what,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** What a value that cannot be read is told to be. */
function valuesOf({ parse }: Variable<unknown>): string {
  try {
    parse(ANYTHING);
    return 'text';
  } catch (error) {
    return (error as Error).message.replace(`, not "${ANYTHING}"`, '');
  }
}

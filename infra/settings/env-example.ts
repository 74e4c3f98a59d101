import { SECTIONS } from './env-variables.ts';

const WIDTH = 100;

const HEAD = [
  'Settings of YTEMPIRE. Copy this file to .env, take the # away from what you set: NAME=value, one a line.',
  'It is read once at the start of a command; what stands in the environment goes before it. Keep keys to',
  'yourself: chmod 600 .env. "npm run doctor" says what was understood. Made by "npm run ytempire env-example".',
];

/** The text of `.env.example`: every variable with what it is for and its default, all commented out. */
export function envExample(): string {
  const sections = Object.entries(SECTIONS).map(([title, variables]) => {
    const rows = Object.entries(variables).map(([name, { what, standard }]) => {
      return `${comment(what).join('\n')}\n#${name}=${standard ?? ''}`;
    });
    return [`# ---- ${title} ----`, ...rows].join('\n\n');
  });
  return `${HEAD.map((line) => `# ${line}`).join('\n')}\n\n${sections.join('\n\n')}\n`;
}

/** Comment lines of at most {@link WIDTH} characters. */
function comment(sentence: string): string[] {
  const lines = ['#'];
  for (const word of sentence.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length + 1 > WIDTH) lines.push(`# ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Commands of a shell block: a line each, which goes on behind a backslash at its end. */
export function commandsOf(text: string): string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+&$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Words of a command as a shell parts them; quotes and backslashes are all that it knows. */
export function wordsOf(command: string): string[] {
  const words = command.match(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(
      /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
      (_, single, double, escaped) => single ?? double?.replaceAll(/\\(.)/g, '$1') ?? escaped,
    ),
  );
}

type Labels = Record<string, string>;

interface Sample {
  name: string;
  labels: Labels;
  value: number;
}

/** A scrape as Prometheus would read it. */
export interface Scrape {
  /** Type by name of the metric. */
  types: Map<string, string>;
  /** Samples of this name, histograms with their suffix. */
  samples(name: string): Sample[];
  /** The one value of these labels; NaN when there is none. */
  value(name: string, labels?: Labels): number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format; throws on a line that is none. */
export function readScrape(text: string): Scrape {
  const types = new Map<string, string>();
  const all: Sample[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name && type) types.set(name, type);
    if (!line.startsWith('#')) all.push(sampleOf(line));
  }
  const samples = (name: string) => all.filter((sample) => sample.name === name);
  const value = (name: string, labels: Labels = {}) => {
    const wanted = JSON.stringify(Object.entries(labels).sort());
    const found = samples(name).find(
      (sample) => JSON.stringify(Object.entries(sample.labels).sort()) === wanted,
    );
    return found?.value ?? Number.NaN;
  };
  return { types, samples, value };
}

function sampleOf(line: string): Sample {
  const [, name, labels = '', value] = LINE.exec(line) ?? [];
  if (!name || value === undefined) throw new Error(`not a line of a scrape: ${line}`);
  const pairs = [...labels.matchAll(LABEL)].map(([, label = '', text = '']) => [label, text]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

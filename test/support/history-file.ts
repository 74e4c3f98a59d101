import proto from '@temporalio/proto';

type History = proto.temporal.api.history.v1.IHistory;

const { History } = proto.temporal.api.history.v1;

/**
 * A workflow's history as JSON text. The SDK's own historyToJSON needs one shared copy of protobufjs, which
 * npm does not install. Stack traces name folders of the machine that recorded them, and no replay reads them.
 */
export function writeHistory(history: History): string {
  const json: unknown = History.fromObject(history).toJSON();
  const keep = (key: string, value: unknown) => (key === 'stackTrace' ? undefined : value);
  return `${JSON.stringify(json, keep, 1)}\n`;
}

/** The history that {@link writeHistory} wrote. */
export function readHistory(text: string): History {
  return History.fromObject(JSON.parse(text));
}

import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../domain/contract.ts';

/** Search attributes where they may not be registered by us: on Temporal Cloud, or with a key without that right. */

const UNIMPLEMENTED = 12;
const PERMISSION_DENIED = 7;
const INVALID_ARGUMENT = 3;
const TYPE_NAMES = { KEYWORD: 'Keyword', INT: 'Int', DOUBLE: 'Double' } as const;
const SAMPLES = { KEYWORD: "'x'", INT: '1', DOUBLE: '1.5' } as const;

/** True when the answer says that registering is not for us to do. */
export function isManagedElsewhere(error: unknown): boolean {
  const code = codeOf(error);
  return code === UNIMPLEMENTED || code === PERMISSION_DENIED;
}

/** Attributes of the contract that the namespace does not know: a search by such a name is refused. */
export async function missingSearchAttributes(client: Client, namespace: string): Promise<string[]> {
  const known = await Promise.all(
    Object.entries(SEARCH_ATTRIBUTES).map(async ([name, type]) => {
      const query = `${name} = ${SAMPLES[type]}`;
      return (await isAccepted(client, namespace, query)) ? [] : [name];
    }),
  );
  return known.flat();
}

/** Says what to run, on a server of one's own and on Temporal Cloud. */
export function howToRegister(names: readonly string[], namespace: string): string {
  const pairs = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => names.includes(name));
  const cloud = pairs.map(([name, type]) => `--search-attribute ${name}=${TYPE_NAMES[type]}`).join(' ');
  const own = pairs.map(([name, type]) => `--name ${name} --type ${TYPE_NAMES[type]}`).join(' ');
  return [
    `namespace ${namespace} lacks the search attributes ${names.join(', ')}, and we may not add them. Run`,
    `  tcld namespace search-attributes add --namespace ${namespace} ${cloud}`,
    'on Temporal Cloud, or on a server of your own',
    `  temporal operator search-attribute create --namespace ${namespace} ${own}`,
  ].join('\n');
}

async function isAccepted({ workflowService }: Client, namespace: string, query: string): Promise<boolean> {
  try {
    await workflowService.countWorkflowExecutions({ namespace, query });
    return true;
  } catch (error) {
    if (codeOf(error) === INVALID_ARGUMENT) return false;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}

import { faultsOf } from './order-fields.ts';

/** An order that stands in a file. */
export interface FileOrder {
  fields: Record<string, unknown>;
  /** Where a field stands, for people: "line 3, column duration". */
  where(field: string): string;
}

/** The orders of a file, or all that is wrong with it, a line each. */
export type FileContent = { orders: FileOrder[] } | { faults: string[] };

/** The orders, when nothing is wrong with any of them. */
export function checked(orders: FileOrder[]): FileContent {
  const faults = orders.flatMap(({ fields, where }) =>
    faultsOf(fields).map(({ field, message }) => `${where(field)}: ${message}`),
  );
  return faults.length > 0 ? { faults } : { orders };
}

import type { Handler } from 'hono';
import { z } from 'zod';
import { MAX_EXTERNAL_CHARGE, type SpendState } from '../../domain/budget.ts';
import type { ExternalCharge } from '../../domain/contract.ts';
import { formatDollars, toDollars } from '../../domain/money.ts';
import { SERVICES } from '../../domain/results.ts';
import { readExternalCharge, readVideoCosts } from '../../infra/money/costs.ts';
import { readDayCosts } from '../../infra/money/costs-day.ts';
import { recordExternalCharge } from '../../infra/money/ledger.ts';
import type { ApiDeps } from '../app.ts';
import { dollarsFrom } from '../dollars.ts';
import { ProblemError } from '../errors.ts';
import { label } from '../labels.ts';
import { day } from '../moments.ts';
import { checked, readJsonBody } from '../read-body.ts';
import { noSuchVideo, videoIdOf } from '../video-id.ts';

export const chargeRequest = z.strictObject({
  id: label.describe('Given by you; the same id again is the same charge'),
  service: z.enum(SERVICES),
  operation: label.describe('What it was for'),
  amount: dollarsFrom(1, MAX_EXTERNAL_CHARGE).describe('US dollars, more than 0, at most six decimals'),
});

export const dayQuery = z.strictObject({
  date: day.optional().describe('A day of REPORT_TZ, YYYY-MM-DD; today when left out'),
});

const NO_STORE = { 'cache-control': 'no-store' };

/** GET /costs/video/{id}: what it has cost so far, by service and by attempt. */
export function videoCostsRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const costs = await readVideoCosts(deps, videoIdOf(context));
    if (!costs) throw noSuchVideo();
    return context.json(costs, 200, NO_STORE);
  };
}

/** POST /costs/video/{id}: money that was spent outside of the stages goes into the ledger. */
export function chargeRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const video_id = videoIdOf(context);
    const charge = checked(chargeRequest, await readJsonBody(context));
    if (!(await readVideoCosts(deps, video_id))) throw noSuchVideo();
    const { total } = await record(deps, { video_id, ...charge });
    // An id that came before keeps what it was for: the answer tells the ledger, not the request.
    const recorded = (await readExternalCharge(deps.pool, video_id, charge.id)) ?? charge;
    const body = {
      video_id,
      id: charge.id,
      service: recorded.service,
      operation: recorded.operation,
      amount: toDollars(recorded.amount),
      total_cost: toDollars(total),
    };
    return context.json(body, 200, NO_STORE);
  };
}

async function record(deps: ApiDeps, charge: ExternalCharge): Promise<SpendState> {
  try {
    return await recordExternalCharge(deps, charge);
  } catch (error) {
    const recorded = await readExternalCharge(deps.pool, charge.video_id, charge.id);
    if (recorded === null || recorded.amount === charge.amount) throw error;
    const detail = `The charge "${charge.id}" is in the ledger with ${formatDollars(recorded.amount)}; give another one its own id.`;
    throw new ProblemError(409, 'charge_conflict', detail);
  }
}

/** GET /costs/daily: one day's money, by service and by channel. */
export function dayCostsRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const { date } = checked(dayQuery, context.req.query());
    return context.json(await readDayCosts(deps, date ?? null), 200, NO_STORE);
  };
}

import { cpu } from './figures/cpu.ts';
import { errors } from './figures/errors.ts';
import { etag } from './figures/etag.ts';
import { events } from './figures/events.ts';
import { kill } from './figures/kill.ts';
import { latency } from './figures/latency.ts';
import { limits } from './figures/limits.ts';
import { memory } from './figures/memory.ts';
import { quota } from './figures/quota.ts';
import { scaling } from './figures/scaling.ts';
import { shape } from './figures/shape.ts';
import { sharing } from './figures/sharing.ts';
import { slices } from './figures/slices.ts';
import type { Bench } from './scale.ts';

/** In the order of the table. */
export const benches: readonly Bench[] = [latency, cpu, shape, slices, etag, events, errors, memory, kill, ...limits, sharing, scaling, quota];

/** A place on a plan, 0 to 1 from its left and its top. */
export type Share = readonly [x: number, y: number];

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const PLACES = 10_000;
const STEP = 0.01;
const LONG_STEP = 0.05;

/** On the plan, whatever was asked: to the ten-thousandth, which is finer than a pixel. */
export function inside([x, y]: Share): Share {
  const clamp = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * PLACES) / PLACES;
  return [clamp(x), clamp(y)];
}

/** Where a pointer is on a plan that fills the box. */
export function planPoint({ left, top, width, height }: Box, clientX: number, clientY: number): Share {
  if (width <= 0 || height <= 0) return [0, 0];
  return inside([(clientX - left) / width, (clientY - top) / height]);
}

const STEPS: Readonly<Record<string, Share>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** How far a key moves the cross, or `null` where it does not. */
export function stepOf(key: string, long: boolean): Share | null {
  const direction = STEPS[key];
  const size = long ? LONG_STEP : STEP;
  return direction === undefined ? null : [direction[0] * size, direction[1] * size];
}

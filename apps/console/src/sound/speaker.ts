import { type Pattern } from './tones.js';

/** How far ahead tones are scheduled: timers of a page in the background run once a second. */
const AHEAD_S = 3;
const LEVEL = 0.35;
/** The audio clock goes in steps: of two looks that are closer than this nobody can tell whether it stands. */
const LOOK_MS = 250;

/**
 * The loudspeaker of this seat. Browsers start it only after a click and may suspend it at any time, so its state is read
 * from the audio clock itself: only a clock that moves can be heard.
 */
export class Speaker {
  private context: AudioContext | undefined;
  private volume: GainNode | undefined;
  private pattern: Pattern | null = null;
  private scheduledTo = 0;
  private lastTime = -1;
  private lookedAt = -Infinity;
  private moving = false;

  constructor(
    private readonly create: () => AudioContext = () => new AudioContext(),
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** True while the audio clock runs. */
  get running(): boolean {
    return this.context?.state === 'running' && this.moving;
  }

  /** Must be called from a click or a key: elsewhere the browser refuses. */
  async start(): Promise<boolean> {
    this.context ??= this.create();
    if (this.context.state !== 'running') await this.context.resume();
    this.moving = true;
    this.lastTime = -1;
    this.lookedAt = -Infinity;
    return this.context.state === 'running';
  }

  /** To be called at least twice a second: keeps the tones scheduled and looks whether the clock moves. */
  tick(): void {
    if (this.context === undefined) return;
    if (this.now() - this.lookedAt >= LOOK_MS) {
      this.moving = this.context.currentTime > this.lastTime;
      this.lastTime = this.context.currentTime;
      this.lookedAt = this.now();
    }
    this.schedule();
  }

  /** Sounds the pattern again and again; null is silence. The same pattern goes on without a break. */
  play(pattern: Pattern | null): void {
    if (pattern?.name === this.pattern?.name) return;
    this.stop();
    this.pattern = pattern;
    this.schedule();
  }

  /** Sounds the pattern once, over everything else. */
  once(pattern: Pattern): void {
    if (this.context === undefined) return;
    const out = this.output(this.context);
    this.beeps(this.context, pattern, this.context.currentTime + 0.05, out);
  }

  private stop(): void {
    if (this.context !== undefined && this.volume !== undefined) {
      const now = this.context.currentTime;
      this.volume.gain.setTargetAtTime(0, now, 0.01);
      const old = this.volume;
      setTimeout(() => old.disconnect(), 100);
    }
    this.volume = undefined;
    this.scheduledTo = 0;
  }

  private schedule(): void {
    const { context, pattern } = this;
    if (context === undefined || pattern === null || context.state !== 'running') return;
    this.volume ??= this.output(context);
    this.scheduledTo = Math.max(this.scheduledTo, context.currentTime + 0.02);
    while (this.scheduledTo < context.currentTime + AHEAD_S) {
      this.beeps(context, pattern, this.scheduledTo, this.volume);
      this.scheduledTo += pattern.period;
    }
  }

  private output(context: AudioContext): GainNode {
    const gain = context.createGain();
    gain.gain.value = LEVEL;
    gain.connect(context.destination);
    return gain;
  }

  private beeps(context: AudioContext, pattern: Pattern, start: number, out: GainNode): void {
    for (const beep of pattern.beeps) {
      const oscillator = context.createOscillator();
      const envelope = context.createGain();
      const from = start + beep.at;
      const to = from + beep.seconds;
      // A square wave cuts through the noise of a room; the ramps keep it from clicking.
      oscillator.type = 'square';
      oscillator.frequency.setValueAtTime(beep.hertz, from);
      if (beep.to !== undefined) oscillator.frequency.linearRampToValueAtTime(beep.to, to);
      envelope.gain.setValueAtTime(0, from);
      envelope.gain.linearRampToValueAtTime(1, from + 0.01);
      envelope.gain.setValueAtTime(1, to - 0.02);
      envelope.gain.linearRampToValueAtTime(0, to);
      oscillator.connect(envelope).connect(out);
      oscillator.start(from);
      oscillator.stop(to);
    }
  }
}

import { computed, ref, shallowRef, type ComputedRef } from 'vue';
import { type Alarm } from '@watchfire/contracts';
import { Annunciator } from '../sound/annunciator.js';
import { Speaker } from '../sound/speaker.js';
import { TEST } from '../sound/tones.js';

export type SoundState =
  /** Nobody has proved that this seat can be heard. */
  | 'off'
  /** The test tone has sounded; the operator is asked. */
  | 'asking'
  | 'armed'
  /** Was armed, and the browser has stopped it. */
  | 'suspended';

/** The sound of this seat: the decision what to sound, the loudspeaker, and the proof that it is heard. */
export class SoundDesk {
  readonly state = ref<SoundState>('off');
  readonly failure = shallowRef<string | null>(null);
  readonly sounding = ref(false);
  readonly silencedUntil = ref<number | null>(null);
  readonly audible: ComputedRef<boolean> = computed(() => this.state.value === 'armed');

  constructor(
    private readonly alarms: () => Iterable<Alarm>,
    private readonly annunciator = new Annunciator(),
    private readonly speaker = new Speaker(),
  ) {}

  /** From a click: starts the loudspeaker and sounds the test tone. */
  async test(): Promise<void> {
    try {
      this.failure.value = null;
      if (!(await this.speaker.start())) throw new Error('suspended');
      this.speaker.once(TEST);
      if (this.state.value === 'off') this.state.value = 'asking';
      if (this.state.value === 'suspended') this.state.value = 'armed';
    } catch (error) {
      this.failure.value = error instanceof Error ? error.message : String(error);
    }
  }

  confirm(heard: boolean, now: number): void {
    this.state.value = heard ? 'armed' : 'off';
    this.update(now);
  }

  announce(now: number): void {
    this.annunciator.announce();
    this.update(now);
  }

  /** Silences this seat for a while; false when nothing sounds. */
  silence(now: number): boolean {
    const until = this.annunciator.silence(this.alarms(), now);
    this.update(now);
    return until !== null;
  }

  /** About twice a second, and whenever the alarms have changed. */
  update(now: number): void {
    this.speaker.tick();
    if (this.state.value === 'armed' && !this.speaker.running) this.state.value = 'suspended';
    else if (this.state.value === 'suspended' && this.speaker.running) this.state.value = 'armed';
    const pattern = this.annunciator.sound(this.alarms(), now);
    this.sounding.value = pattern !== null;
    this.silencedUntil.value = this.annunciator.silencedUntil(now);
    this.speaker.play(this.state.value === 'off' || this.state.value === 'asking' ? null : pattern);
  }

  linkLost(lost: boolean, now: number): void {
    this.annunciator.linkLost(lost);
    this.update(now);
  }

  close(): void {
    this.speaker.play(null);
    this.state.value = 'off';
  }
}

import { describe, expect, it } from '@jest/globals';
import { DEFAULT_FIGURES } from '@watchfire/control-room';
import { FIGURES_WITH_TARGET } from '@watchfire/figures';
import { loadSettings, settingsSchema } from '@watchfire/settings';
import { figureSettings } from './figure-settings.js';

const loaded = loadSettings({ defaults: 'config/default.yaml', environment: {} });

describe('settings of the figures', () => {
  it('[KP11] the example configuration says what the code does without one', async () => {
    expect(figureSettings((await loaded).figures)).toEqual(DEFAULT_FIGURES);
  });

  it('[KP11] every figure with a target can be given another, with its source', async () => {
    const { figures } = await loaded;
    for (const figure of FIGURES_WITH_TARGET) {
      const own = { figure, target: 1, limit: 2, source: 'our own' };
      const parsed = settingsSchema.shape.figures.parse({ ...figures, targets: [own] });
      expect(figureSettings(parsed).targets[figure]).toEqual({ target: 1, limit: 2, source: 'our own' });
    }
  });
});

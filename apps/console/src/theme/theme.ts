import { ref, watchEffect, type Ref } from 'vue';

export type Theme = 'dark' | 'bright';
const KEY = 'watchfire.theme';

/** The room's theme, kept by this browser; dark unless chosen. */
export function useTheme(): Ref<Theme> {
  const theme = ref<Theme>(localStorage.getItem(KEY) === 'bright' ? 'bright' : 'dark');
  watchEffect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    localStorage.setItem(KEY, theme.value);
  });
  return theme;
}

import { effect, signal } from '@preact/signals';

const themes = ['auto', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const KEY = 'fnloop-theme';
const theme = signal<Theme>(themes.find((known) => known === localStorage.getItem(KEY)) ?? 'auto');
const isSystemDark = signal(false);

const media = matchMedia('(prefers-color-scheme: dark)');
isSystemDark.value = media.matches;
media.addEventListener('change', () => {
  isSystemDark.value = media.matches;
});
effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
});

/** What is drawn on canvases is drawn anew when this changes. */
export const isDark = (): boolean => (theme.value === 'auto' ? isSystemDark.value : theme.value === 'dark');

export function ThemeButton() {
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto';
  return (
    <button
      type="button"
      class="quiet"
      title={`Colors: ${theme.value}. Next: ${next}`}
      onClick={() => {
        theme.value = next;
        localStorage.setItem(KEY, next);
      }}
    >
      colors: {theme.value}
    </button>
  );
}

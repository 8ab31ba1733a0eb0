import { usePage } from './page-context.ts';
import { SafeButton } from './safe-button.tsx';

/** Every board, at once. */
export function SafeAll() {
  const { lab, safe } = usePage();
  return (
    <SafeButton
      name="all"
      text="SAFE all"
      isOpen={safe.open.value.some(({ name }) => name === 'all')}
      onPress={() => safe.pressAll(lab.places.value)}
    />
  );
}

import { useRef } from 'preact/hooks';

interface SafeParts {
  /** A board, or `all`. */
  readonly name: string;
  readonly text: string;
  /** Pressed, and not confirmed yet. */
  readonly isOpen: boolean;
  readonly onPress: () => void;
}

/** Acts as soon as a pointer or a key goes down: whatever moves afterwards, and wherever it is let go, the press has happened. */
export function SafeButton({ name, text, isOpen, onPress }: SafeParts) {
  const isPointed = useRef(false);
  return (
    <button
      type="button"
      class={isOpen ? 'safe open' : 'safe'}
      aria-label={`SAFE ${name}`}
      title={name === 'all' ? 'Outputs of all boards to rest, now' : `Outputs of ${name} to rest, now`}
      onPointerDown={({ button }) => {
        if (button !== 0) return;
        isPointed.current = true;
        onPress();
      }}
      onPointerCancel={() => {
        isPointed.current = false;
      }}
      onClick={({ detail }) => {
        // A click without a pointer is of an assistive program.
        const wasPressed = isPointed.current && detail > 0;
        isPointed.current = false;
        if (!wasPressed) onPress();
      }}
      onKeyDown={(event) => {
        if (!isPressKey(event)) return;
        event.preventDefault();
        if (!event.repeat) onPress();
      }}
      onKeyUp={(event) => {
        if (isPressKey(event)) event.preventDefault();
      }}
    >
      {text}
    </button>
  );
}

const isPressKey = ({ key }: KeyboardEvent): boolean => key === 'Enter' || key === ' ';

import type { BoardState, JobState } from '../../lab.ts';
import { useIsPresent } from '../shell/page-context.ts';

/** By form as well as by color. */
const marks: Readonly<Record<BoardState | JobState, readonly [sign: string, tone: string]>> = {
  ready: ['●', 'good'],
  running: ['▶', 'good'],
  finished: ['✓', 'good'],
  connecting: ['◌', 'waiting'],
  queued: ['◌', 'waiting'],
  paused: ['❚❚', 'waiting'],
  resting: ['⏻', 'waiting'],
  absent: ['○', 'off'],
  lent: ['⇄', 'waiting'],
  stopped: ['■', 'off'],
  interrupted: ['◐', 'bad'],
  fault: ['▲', 'bad'],
  failed: ['▲', 'bad'],
  quarantined: ['✕', 'bad'],
};

export function StateMark({ state }: { readonly state: BoardState | JobState }) {
  const isPresent = useIsPresent();
  const [sign, tone] = marks[state];
  return (
    <span class={`state ${isPresent ? tone : 'off'}`}>
      <span aria-hidden="true">{sign} </span>
      {isPresent ? state : `last known: ${state}`}
    </span>
  );
}

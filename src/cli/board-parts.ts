/** What a command loads that opens a board's port, and not before. */
export { Board } from '../board/board.ts';
export { linkPolicy } from '../board/link-machine.ts';
export { broughtToRest } from '../board/rest-watch.ts';
export { SafeDoor } from '../board/safe-door.ts';
export { openEndpoint } from '../transport/open.ts';

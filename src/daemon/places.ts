/** Where a daemon is found; apart from the rest of it, since commands look there before they load that. */

/** Folder of a daemon's own files, in its folder of runs. */
export const DAEMON_FOLDER = 'daemon';
/** File in that folder that says which daemon is running. */
export const DAEMON_FILE = 'daemon.json';
export const DEFAULT_URL = 'http://127.0.0.1:7300';

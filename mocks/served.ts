/** A wire end that a host can reach. */
export interface Served {
  /** False while the wire is pulled out. */
  readonly isPlugged: boolean;
  /** Pulls the wire out; after `forMs` it is plugged in again. Does nothing while it is out. */
  unplug(forMs: number): void;
  close(): Promise<void>;
}

/** How one way of serving comes and goes. `pullOut` takes effect at once, and may take until later to be done. */
export interface Outlet {
  plugIn(): Promise<void>;
  pullOut(): Promise<void>;
}

/** Pulls a plugged outlet out and plugs it in again, one after the other, until closed. */
export function plugged({ plugIn, pullOut }: Outlet): Served {
  let state: 'in' | 'out' | 'closed' = 'in';
  let stopWaiting = () => {};
  let out: Promise<void> = Promise.resolve();

  const replug = async (forMs: number) => {
    // It keeps the process alive, as the served wire did before.
    const waited = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, forMs);
      stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    await Promise.all([pullOut(), waited]);
    if (state === 'closed') return;
    await plugIn();
    state = 'in';
  };
  return {
    get isPlugged() {
      return state === 'in';
    },
    unplug: (forMs) => {
      if (state !== 'in') return;
      state = 'out';
      out = replug(forMs);
    },
    close: async () => {
      const before = state;
      state = 'closed';
      stopWaiting();
      await out;
      if (before === 'in') await pullOut();
    },
  };
}

/** What of jstat is used here; it has no types of its own. */
declare module 'jstat' {
  const jstat: {
    readonly jStat: {
      readonly studentt: {
        /** Quantile of Student's t. */
        inv(probability: number, degreesOfFreedom: number): number;
      };
    };
  };
  export = jstat;
}

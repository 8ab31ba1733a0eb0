/** What became of a node in calibration, and what each outcome means. */
export const verdicts = {
  good: 'Follows Fowler-Nordheim tunneling; its parameters can be used.',
  dead: 'Its reading is no voltage of a node: at the end of the converter, or none at all.',
  clipped: 'Some of its readings were at the end of the converter.',
  stuck: 'It neither decays nor answers pulses.',
  leaky: 'It loses charge also where tunneling has all but ceased.',
  'not-fowler-nordheim': 'It moves, but not by the law: the residuals are larger than noise allows.',
  'not-converged': 'The fit found no best parameters.',
  'too-few-points': 'It was read too seldom to tell its parameters.',
} as const satisfies Record<string, string>;

export type Verdict = keyof typeof verdicts;

import { base, colors, type Drawing, type Layer } from './drawing.ts';
import type { FigureData } from './figure-data.ts';

const CAPTION = 'Share of samples classified rightly by the weights read back from the chip after each step.';

/** Accuracy over steps, with a rule where the run was interrupted. */
export function accuracyFigure({
  accuracy,
  interruptedSteps,
}: Pick<FigureData, 'accuracy' | 'interruptedSteps'>): Drawing {
  const lines: Layer = {
    data: { values: [...accuracy] },
    mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.8 },
    encoding: {
      x: { field: 'step', type: 'quantitative', title: 'step' },
      y: {
        field: 'accuracy',
        type: 'quantitative',
        title: 'accuracy',
        scale: { zero: false },
        axis: { format: '.0%' },
      },
      color: {
        field: 'part',
        type: 'nominal',
        scale: { domain: ['train', 'test'], range: [colors.blue, colors.orange] },
      },
    },
  };
  const rules: Layer = {
    data: { values: interruptedSteps.map((step) => ({ step })) },
    mark: { type: 'rule', strokeDash: [4, 3], color: colors.gray },
    encoding: { x: { field: 'step', type: 'quantitative' } },
  };
  const marked = ' The run was interrupted after the steps at the dashed rules.';
  return {
    id: 'accuracy',
    title: 'Accuracy over steps',
    caption: `${CAPTION}${interruptedSteps.length === 0 ? '' : marked}`,
    specs: [{ ...base, layer: interruptedSteps.length === 0 ? [lines] : [lines, rules] }],
  };
}

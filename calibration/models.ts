import { publishedBand } from './bounds/published-band.ts';
import type { TrainingLoad } from './bounds/training-load.ts';
import type { Provenance } from './provenance.ts';

/** A model with the size of its training. An operation is counted as an update, the most that there can be. */
export interface NamedModel extends TrainingLoad {
  readonly title: string;
  readonly parametersProvenance: Provenance;
  readonly operationsProvenance: Provenance;
  /** Where both numbers are said. */
  readonly source: string;
}

const published = (title: string, parameters: number, operations: number, source: string): NamedModel => ({
  title,
  parameters,
  operations,
  parametersProvenance: 'published',
  operationsProvenance: 'published',
  source,
});

const BROWN = 'Brown et al. 2020, arXiv 2005.14165, table D.1';

/** Models whose parameters and training operations (floating point) are published, by name. */
export const models: Readonly<Record<string, NamedModel>> = {
  'brain-scale': {
    title: 'brain scale',
    parameters: publishedBand.parameters,
    operations: publishedBand.operations,
    parametersProvenance: 'published',
    operationsProvenance: publishedBand.operationsProvenance,
    source: publishedBand.source,
  },
  'bert-large': published('BERT-Large', 355e6, 5.33e20, BROWN),
  't5-11b': published('T5 11B', 11e9, 3.3e22, BROWN),
  'gpt-3': published('GPT-3', 175e9, 3.14e23, BROWN),
  chinchilla: published('Chinchilla', 70e9, 5.76e23, 'Hoffmann et al. 2022, arXiv 2203.15556'),
  'palm-540b': published('PaLM 540B', 540e9, 2.56e24, 'Chowdhery et al. 2022, arXiv 2204.02311'),
  'llama-3.1-405b': published('Llama 3.1 405B', 405e9, 3.8e25, 'Llama Team 2024, arXiv 2407.21783'),
};

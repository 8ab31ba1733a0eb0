import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { policyNames } from '../../../config/policy.ts';
import type { ExperimentRequest } from '../../routes/jobs.ts';
import { AskButton } from '../shell/ask-button.tsx';
import { type Choices, NO_CALIBRATION, requestOf } from './choices.ts';
import type { Offer } from './use-offer.ts';

/** Makes a request of what the form says. Throws as `requestOf`. */
export type RequestMaker = () => ExperimentRequest;

interface FormParts {
  readonly offer: Offer;
  readonly boards: readonly string[];
  /** Chosen at first. */
  readonly board: string | null;
  readonly onPreview: (request: RequestMaker) => Promise<void>;
  readonly onStart: (request: RequestMaker) => Promise<void>;
}

const USUAL = 'breast-cancer';

export function StartForm({ offer, boards, board, onPreview, onStart }: FormParts) {
  const [name, setName] = useState(USUAL);
  const [isBusy, setBusy] = useState(false);
  const experiment = offer.experiments.find((each) => each.name === name)?.experiment;
  if (experiment === undefined) return null;
  const busyWith = (action: (request: RequestMaker) => Promise<void>, form: HTMLFormElement | null) => {
    if (form === null || !form.reportValidity()) return;
    const choices = Object.fromEntries(new FormData(form)) as unknown as Choices;
    setBusy(true);
    void action(() => requestOf(experiment, choices)).finally(() => setBusy(false));
  };
  return (
    <form
      class="start"
      onSubmit={(event) => {
        event.preventDefault();
        busyWith(onStart, event.currentTarget);
      }}
    >
      <Choice label="board" name="board" chosen={board ?? undefined} options={boards} />
      <label>
        experiment
        <select name="experiment" value={name} onChange={({ currentTarget }) => setName(currentTarget.value)}>
          {offer.experiments.map((each) => (
            <option key={each.name}>{each.name}</option>
          ))}
        </select>
      </label>
      <WholeNumber name="seed" min={0} max={0x7fffffff} own={experiment.seed} />
      <WholeNumber name="steps" min={1} max={1_000_000} own={experiment.method.steps} />
      <Choice label="policy" name="policy" options={policyNames}>
        <option value="">{`as it says (${experiment.policy.name})`}</option>
      </Choice>
      <Choice label="calibration" name="calibration" options={offer.calibrations}>
        <option value="">{`as it says (${experiment.calibration ?? 'none'})`}</option>
        <option value={NO_CALIBRATION}>none</option>
      </Choice>
      <label class="whole">
        further changes, JSON
        <textarea
          name="changes"
          rows={3}
          spellcheck={false}
          placeholder='{"method": {"learningRate": 0.2}}'
        />
      </label>
      <div class="buttons whole">
        <AskButton disabled={isBusy} onClick={({ currentTarget }) => busyWith(onPreview, currentTarget.form)}>
          Preview the plan
        </AskButton>
        <AskButton type="submit" class="primary" disabled={isBusy}>
          Start
        </AskButton>
      </div>
    </form>
  );
}

interface ChoiceParts {
  readonly label: string;
  readonly name: string;
  readonly options: readonly string[];
  readonly chosen?: string | undefined;
  /** Options before those. */
  readonly children?: ComponentChildren;
}

function Choice({ label, name, options, chosen, children }: ChoiceParts) {
  return (
    <label>
      {label}
      <select name={name} required={children === undefined}>
        {children}
        {options.map((each) => (
          <option key={each} selected={each === chosen}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

interface NumberParts {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Of the experiment, where nothing is typed. */
  readonly own: number;
}

const WholeNumber = ({ name, min, max, own }: NumberParts) => (
  <label>
    {name}
    <input name={name} type="number" min={min} max={max} step={1} placeholder={String(own)} />
  </label>
);

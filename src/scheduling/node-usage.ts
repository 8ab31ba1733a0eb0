/** What pulses did to one floating-gate node. */
export interface Usage {
  readonly pulses: number;
  /** Sum of amplitude, as asked for, times width, V s. */
  readonly voltSeconds: number;
  /** Charge that crossed its oxide by pulses, fC. */
  readonly chargeFC: number;
}

const none: Usage = { pulses: 0, voltSeconds: 0, chargeFC: 0 };

/** Usage of many nodes, by node number. */
export class NodeUsage {
  readonly #byNode = new Map<number, Usage>();

  of(node: number): Usage {
    return this.#byNode.get(node) ?? none;
  }

  add(node: number, { pulses, voltSeconds, chargeFC }: Usage): void {
    const before = this.of(node);
    this.#byNode.set(node, {
      pulses: before.pulses + pulses,
      voltSeconds: before.voltSeconds + voltSeconds,
      chargeFC: before.chargeFC + chargeFC,
    });
  }

  addAll(other: NodeUsage): void {
    for (const [node, usage] of other.entries()) this.add(node, usage);
  }

  /** Takes out what was added before. Sums of many terms are off by their rounding, so nothing falls below 0. */
  takeAll(other: NodeUsage): void {
    for (const [node, usage] of other.entries()) {
      const before = this.of(node);
      this.#byNode.set(node, {
        pulses: Math.max(0, before.pulses - usage.pulses),
        voltSeconds: Math.max(0, before.voltSeconds - usage.voltSeconds),
        chargeFC: Math.max(0, before.chargeFC - usage.chargeFC),
      });
    }
  }

  /** Nodes that received anything, with what they received. */
  entries(): IterableIterator<[node: number, usage: Usage]> {
    return this.#byNode.entries();
  }
}

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

  /** Nodes that received anything, with what they received. */
  entries(): IterableIterator<[node: number, usage: Usage]> {
    return this.#byNode.entries();
  }
}

"""Median time of scipy's curve_fit a node, ms, on stdout; the nodes are a JSON document on stdin."""

import json
import statistics
import sys
import time
from math import exp, log

import numpy as np
from scipy.optimize import curve_fit

work = json.load(sys.stdin)
K1, K2, ETA = work["start"]
REFERENCE_V = 8.2
START = [log(K1) - K2 / REFERENCE_V, K2, ETA, 0.0]
ELECTRON_V = 1.602176634e-7


def trajectory(node):
    """The whole course of the node from its first reading on, stage by stage: reading noise only."""
    stages = list(zip(node["durationS"], node["amplitudeV"], node["readV"]))
    read = np.array([v for v in node["readV"] if v is not None])

    def model(_, ln_rate, k2, eta, offset, start):
        k1 = exp(ln_rate + k2 / REFERENCE_V)
        v = start
        expected = []
        for duration, amplitude, reading in stages:
            b = eta * amplitude
            v = k2 / log(exp(k2 / (v + b)) + k1 * duration) - b
            if reading is not None:
                expected.append(v + offset)
        return np.array(expected + [offset / work["offsetSigmaV"] * work["readNoiseV"]])

    sigma = np.full(len(read) + 1, work["readNoiseV"])
    curve_fit(model, None, np.append(read, 0.0), p0=START + [read[0]], sigma=sigma, absolute_sigma=True)


def differences(node):
    """Falls between neighboring readings, all at once: each for itself, as if they shared no reading."""
    before, duration, boosted, amplitude, fall = [], [], [], [], []
    last, rest, pulse, height = None, 0.0, 0.0, 0.0
    for seconds, volts, reading in zip(node["durationS"], node["amplitudeV"], node["readV"]):
        if volts > 0:
            pulse, height = pulse + seconds, volts
        else:
            rest += seconds
        if reading is None:
            continue
        if last is not None:
            before.append(last)
            duration.append(rest)
            boosted.append(pulse)
            amplitude.append(height)
            fall.append(last - reading)
        last, rest, pulse, height = reading, 0.0, 0.0, 0.0
    before, duration, boosted, amplitude, fall = map(np.array, (before, duration, boosted, amplitude, fall))
    sigma = np.sqrt(np.abs(fall) * ELECTRON_V + 2 * work["readNoiseV"] ** 2)

    def model(_, ln_rate, k2, eta, offset):
        k1 = np.exp(ln_rate + k2 / REFERENCE_V)
        v = before - offset
        b = eta * amplitude
        pulsed = k2 / np.log(np.exp(k2 / (v + b)) + k1 * boosted) - b
        after = k2 / np.log(np.exp(k2 / pulsed) + k1 * duration)
        return np.append(v - after, offset)

    curve_fit(
        model,
        None,
        np.append(fall, 0.0),
        p0=START,
        sigma=np.append(sigma, work["offsetSigmaV"]),
        absolute_sigma=True,
    )


fit = {"trajectory": trajectory, "differences": differences}[work["model"]]
times = []
for node in work["nodes"]:
    started = time.perf_counter()
    fit(node)
    times.append(1e3 * (time.perf_counter() - started))
print(statistics.median(times))

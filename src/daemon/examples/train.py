"""Trains a classifier on a board of the fnloop daemon, gradient and all in here: any trainer can use the chip.

    FNLOOP_DAEMON=http://127.0.0.1:7300 FNLOOP_TOKEN=... python3 train.py BOARD [STEPS]
"""
import json, math, os, sys, urllib.request

DAEMON = os.environ.get("FNLOOP_DAEMON", "http://127.0.0.1:7300")
TOKEN = os.environ.get("FNLOOP_TOKEN")
WEIGHT_PER_VOLT = 100  # model weight of one volt of cell weight
LEARNING_RATE = 0.3
POLICY = {"name": "matched", "amplitudeV": 0.2236, "baseWidthUs": 200000, "maxWidthUs": 1000000}


def ask(method, path, body=None):
    request = urllib.request.Request(f"{DAEMON}/api/v1{path}", method=method)
    if TOKEN:
        request.add_header("authorization", f"Bearer {TOKEN}")
    if body is not None:
        request.add_header("content-type", "application/json")
        request.data = json.dumps(body).encode()
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def score(weights, inputs):
    return sum(w * x for w, x in zip(weights, inputs)) + weights[-1]


def gradient(weights, samples):
    total = [0.0] * len(weights)
    for inputs, label in zip(samples["inputs"], samples["labels"]):
        error = 1 / (1 + math.exp(-max(-60, min(60, score(weights, inputs))))) - label
        for index, x in enumerate(inputs + [1.0]):
            total[index] += error * x / len(samples["labels"])
    return total


def accuracy(weights, samples):
    right = [(score(weights, x) > 0) == (y == 1) for x, y in zip(samples["inputs"], samples["labels"])]
    return sum(right) / len(right)


task = ask("GET", "/tasks/breast-cancer/samples?seed=1")
size = len(task["features"]) + 1
session = ask("POST", "/sessions", {"board": sys.argv[1], "cells": size, "policy": POLICY})
place, updates, energy_fj = f"/sessions/{session['id']}", 0, 0.0
try:
    for step in range(int(sys.argv[2]) if len(sys.argv) > 2 else 200):
        cells = ask("GET", f"{place}/weights")["cells"]
        weights = [WEIGHT_PER_VOLT * cell["weightV"] for cell in cells]
        wanted = [-LEARNING_RATE * slope / WEIGHT_PER_VOLT for slope in gradient(weights, task["train"])]
        changes = [{"cell": cell["cell"], "wantedV": change} for cell, change in zip(cells, wanted)]
        applied = [change for change in ask("POST", f"{place}/changes", {"changes": changes}) if change["pulses"]]
        updates, energy_fj = updates + len(applied), energy_fj + sum(change["energyFJ"] for change in applied)
    weights = [WEIGHT_PER_VOLT * cell["weightV"] for cell in ask("GET", f"{place}/weights")["cells"]]
finally:
    ask("DELETE", place)
result = {"runId": session["runId"], "testAccuracy": accuracy(weights, task["test"]), "updates": updates}
print(json.dumps({**result, "energyPerUpdateFJ": energy_fj / max(1, updates)}))

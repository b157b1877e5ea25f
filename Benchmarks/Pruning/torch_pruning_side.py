"""Torch-Pruning's side of the benchmark: prunes half of every group of a model, or scores it, as its parent asks.

A model is asked for by a line with its name on standard input; the answer is a line with the seconds from the live
model to the pruned one (dependency graph, scores, selection, surgery) and the parameters that are left. Making the
model and the example input is not counted. With the name of a criterion and a number of samples behind the model's,
the answer is the seconds that scoring all groups takes: passes over the samples included, the graph and the groups
not. Arguments: threads.
"""

import importlib.metadata
import sys
import time

import torch
import torch_pruning
from models import MODELS
from torch.nn.functional import cross_entropy

IMPORTANCE = torch_pruning.importance

# By the names that PruneGen has for them. Its LAMP is not here: it weighs channels against each other, not weights.
CRITERIA = {
    "L1": lambda: IMPORTANCE.GroupMagnitudeImportance(p=1),
    "L2": lambda: IMPORTANCE.GroupMagnitudeImportance(p=2),
    "Random": IMPORTANCE.RandomImportance,
    "BatchNormScale": IMPORTANCE.BNScaleImportance,
    "GeometricMedian": IMPORTANCE.FPGMImportance,
    "MeanActivation": IMPORTANCE.ActivationImportance,
    "TaylorWeight": IMPORTANCE.GroupTaylorImportance,
    "Fisher": IMPORTANCE.GroupHessianImportance,
}


def score(name, criterion, samples):
    """The seconds that scoring takes; nan where Torch-Pruning has no such criterion."""
    if criterion not in CRITERIA:
        return float("nan")
    create, shape, last = MODELS[name]
    model = create().eval()
    graph = torch_pruning.DependencyGraph().build_dependency(model, torch.randn(1, *shape))
    groups = list(graph.get_all_groups(ignored_layers=[last(model)]))
    images = torch.randn(samples, *shape)
    with torch.no_grad():
        labels = model(images).argmax(1)
    importance = CRITERIA[criterion]()
    started = time.perf_counter()
    if criterion == "MeanActivation":
        with torch.no_grad(), importance.compute_importance(model):
            model(images)
    elif criterion == "TaylorWeight":
        cross_entropy(model(images), labels).backward()
    elif criterion == "Fisher":
        for loss in cross_entropy(model(images), labels, reduction="none"):
            model.zero_grad()
            loss.backward(retain_graph=True)
            importance.accumulate_grad(model)
    for group in groups:
        importance(group)
    return time.perf_counter() - started


def main():
    torch.set_num_threads(int(sys.argv[1]))
    try:
        version = importlib.metadata.version("torch-pruning")
    except importlib.metadata.PackageNotFoundError:
        version = "from a source folder"
    print(f"Torch-Pruning {version} on PyTorch {torch.__version__}", flush=True)

    for line in sys.stdin:
        name, *scored = line.split()
        if scored:
            print(score(name, scored[0], int(scored[1])), flush=True)
            continue

        create, shape, last = MODELS[name]
        model = create().eval()
        example = torch.randn(1, *shape)
        started = time.perf_counter()
        pruner = torch_pruning.pruner.MagnitudePruner(
            model,
            example,
            importance=torch_pruning.importance.GroupMagnitudeImportance(p=2),
            pruning_ratio=0.5,
            global_pruning=False,
            ignored_layers=[last(model)],
        )
        pruner.step()
        seconds = time.perf_counter() - started
        print(seconds, sum(parameter.numel() for parameter in model.parameters()), flush=True)


main()
